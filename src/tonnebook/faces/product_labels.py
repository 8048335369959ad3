"""What people read for the codes of footprints, published factors and inventories."""

from django.utils.translation import gettext_noop

PRODUCT_LABELS: dict[str, dict[str, str]] = {
    "LifeStage": {
        "RAW_MATERIALS": gettext_noop("Raw materials"),
        "TRANSPORT": gettext_noop("Transport"),
        "PRODUCTION": gettext_noop("Production"),
        "PACKAGING": gettext_noop("Packaging"),
        "WASTE": gettext_noop("Waste of production"),
    },
    "SystemBoundary": {
        "CRADLE_TO_GATE": gettext_noop("From cradle to gate"),
        "GATE_TO_GATE": gettext_noop("From gate to gate"),
    },
    "DeclaredUnit": {
        "kilogram": gettext_noop("kilogram"),
        "liter": gettext_noop("litre"),
        "cubic meter": gettext_noop("cubic metre"),
        "kilowatt hour": gettext_noop("kilowatt hour"),
        "megajoule": gettext_noop("megajoule"),
        "ton kilometer": gettext_noop("tonne-kilometre"),
        "square meter": gettext_noop("square metre"),
        "piece": gettext_noop("piece"),
    },
    "GwpSet": {
        "AR5": gettext_noop("Fifth assessment report (AR5)"),
        "AR6": gettext_noop("Sixth assessment report (AR6)"),
    },
    "Part": {
        "FOSSIL": gettext_noop("Fossil"),
        "AIRCRAFT": gettext_noop("Aircraft"),
        "DLUC": gettext_noop("Direct land use change"),
        "LAND_MANAGEMENT": gettext_noop("Land management"),
        "BIOGENIC": gettext_noop("Other biogenic"),
        "WITHDRAWAL": gettext_noop("Biogenic withdrawal"),
    },
    "Rating": {
        "technologicalDQR": gettext_noop("Technology"),
        "temporalDQR": gettext_noop("Time"),
        "geographicalDQR": gettext_noop("Geography"),
        "completenessDQR": gettext_noop("Completeness"),
        "reliabilityDQR": gettext_noop("Reliability"),
    },
    "InventorySector": {
        "ENERGY": gettext_noop("Energy industry"),
        "INDUSTRY": gettext_noop("Manufacturing"),
        "CONSTRUCTION": gettext_noop("Construction"),
        "TRANSPORT": gettext_noop("Transport"),
        "SERVICES": gettext_noop("Services"),
        "HOUSEHOLDS": gettext_noop("Households"),
        "AGRICULTURE": gettext_noop("Agriculture"),
        "PROCESSES": gettext_noop("Industrial processes"),
        "WASTE": gettext_noop("Waste"),
        "IMPORTS": gettext_noop("Imported power and heat"),
    },
    "InventoryScope": {
        "DIRECT": gettext_noop("Emitted in the city"),
        "IMPORTED": gettext_noop("Of imported power and heat"),
    },
}
