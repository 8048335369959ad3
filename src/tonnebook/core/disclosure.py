"""What can be refused where the authority publishes."""

from tonnebook.core.errors import Refusal, Sentence


class DisclosureRefusal(Refusal):
    """Why something is not published."""

    ALREADY_RELEASED = Sentence(
        "{region} 的这一版规则库（{digest}）已经发布。",
        "Exactly these rules of {region} ({digest}) have been released.",
        "design choice",
    )
