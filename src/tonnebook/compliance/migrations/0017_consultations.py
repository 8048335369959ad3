"""Drafts are circulated to departments of the city, who give opinions that are answered."""

import django.db.models.deletion
from django.db import migrations, models

NUMBERS = "CREATE SEQUENCE compliance_consultation_number"


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0016_carry_over_requests"),
        ("members", "0023_sector_departments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True)),
                ("region", models.CharField(max_length=20)),
                ("year", models.IntegerField()),
                (
                    "subject",
                    models.CharField(
                        choices=[("PLAN", "PLAN"), ("COVERAGE", "COVERAGE"), ("BENCHMARKS", "BENCHMARKS")],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("words", models.TextField(blank=True)),
                ("answer_until", models.DateField()),
                ("asked_by", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["region", "year"], name="compliance_consultation_year")],
            },
        ),
        migrations.CreateModel(
            name="Consulted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=20)),
                ("sent", models.JSONField()),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consulted",
                        to="compliance.consultation",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.organisation",
                        to_field="uscc",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("consultation", "department"), name="compliance_consulted_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("AGREES", "AGREES"), ("SUGGESTS", "SUGGESTS"), ("OPPOSES", "OPPOSES")], max_length=8
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("given_by", models.CharField(max_length=40)),
                ("given_at", models.DateTimeField()),
                (
                    "consulted",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opinion", to="compliance.consulted"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpinionAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_accepted", models.BooleanField()),
                ("reason", models.TextField(blank=True)),
                ("answered_by", models.CharField(max_length=40)),
                ("answered_at", models.DateTimeField()),
                (
                    "opinion",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="compliance.opinion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_accepted", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="compliance_opinion_declined_why",
                    )
                ]
            },
        ),
        migrations.RunSQL(NUMBERS),
    ]
