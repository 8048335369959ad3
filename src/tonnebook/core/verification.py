"""Verification (核查) of a report: plan, findings with clocks, what they do to the figure, and three signatures.

A verification is planned (who, how, how exact), what is found waits for the company's answer by the working-day clock,
and every finding is settled before anything is concluded: corrected by a new version of the report, estimated on the
safe side, explained, or left standing as a remark. The figure follows from the report and the estimates; nobody types
it. The leader concludes, a technical reviewer and somebody who signs for the firm sign the same digest: three people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.reporting import POSITIVE, FindingKind, Verdict
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class Duty(StrEnum):
    """What somebody of a verification body does; the three who sign stand in the order of their signatures."""

    LEADER = "LEADER"
    TECHNICAL_REVIEWER = "TECHNICAL_REVIEWER"
    SIGNATORY = "SIGNATORY"
    MEMBER = "MEMBER"


SIGNING = (Duty.LEADER, Duty.TECHNICAL_REVIEWER, Duty.SIGNATORY)


class VisitMode(StrEnum):
    """How the place itself is looked at."""

    ON_SITE = "ON_SITE"
    OFF_SITE = "OFF_SITE"
    SIMPLIFIED = "SIMPLIFIED"


class Settlement(StrEnum):
    """How a finding ended."""

    CORRECTED = "CORRECTED"
    ESTIMATED = "ESTIMATED"
    EXPLAINED = "EXPLAINED"
    LEFT_STANDING = "LEFT_STANDING"


class VerificationRefusal(Refusal):
    """Why a step of a verification is not taken, in order of precedence."""

    NOT_PLANNED = Sentence(
        zh="报告 {report} 的核查计划尚未提交，请先提交计划。",
        en="The verification of report {report} has no plan yet; make one first.",
        article="S65",
    )
    TEAM_UNFIT = Sentence(
        zh="{person} 未以“{duty}”列入 {body} 的名录。",
        en="{person} is not registered as {duty} of {body}.",
        article="S65",
    )
    TEAM_TOO_SMALL = Sentence(
        zh="核查组至少 {least} 人，且组长、技术复核人、签发人须为三人。",
        en="A team has {least} people at least, and leader, technical reviewer and signatory are three of them.",
        article="S65",
    )
    VISIT_WITHOUT_REASON = Sentence(
        zh="不进行现场核查的，须写明理由。",
        en="A verification without a visit must say why.",
        article="S65",
        status=422,
    )
    NOT_SIMPLIFIABLE = Sentence(
        zh="{entity} 不符合简化核查条件（须连续 {years} 年核查无误，且本市规定允许）。",
        en="{entity} cannot be verified in the simpler way: {years} clean years in a row and a rule that allows it.",
        article="S02 item 17",
    )
    SAMPLE_TOO_SMALL = Sentence(
        zh="抽样覆盖 {lines} 个排放源中的 {sampled} 个，低于规定的比例 {least}；请增加抽样。",
        en="The samples cover {sampled} of {lines} source lines; the share required is {least}. Take more.",
        article="S65",
        status=422,
    )
    NO_SUCH_FINDING = Sentence(
        zh="没有编号为 {finding} 的核查发现。",
        en="There is no finding {finding}.",
        article="design choice",
        status=404,
    )
    FINDING_SETTLED = Sentence(
        zh="核查发现 {finding} 已处理完毕，不能再改动。",
        en="Finding {finding} is settled and cannot be changed.",
        article="design choice",
    )
    ANSWERED_ALREADY = Sentence(
        zh="核查发现 {finding} 已经答复，请等待核查机构处理。",
        en="Finding {finding} is answered; the verification body deals with it now.",
        article="design choice",
    )
    NO_ANSWER_YET = Sentence(
        zh="核查发现 {finding} 的答复期至 {due_on}，此前请等待答复。",
        en="The company may answer finding {finding} until {due_on}; wait for its answer.",
        article="S65",
    )
    NOT_CORRECTED = Sentence(
        zh="核查发现 {finding} 之后没有新的报告版本，不能记为已更正。",
        en="No version of the report was submitted after finding {finding}; it is not corrected.",
        article="design choice",
    )
    ESTIMATE_UNFIT = Sentence(
        zh="保守估计的调整量（{effect_t} 吨）须为正数；只有保守估计才有调整量。",
        en="A conservative estimate adds tonnes ({effect_t} does not), and nothing but an estimate adds any.",
        article="S65",
        status=422,
    )
    FINDINGS_OPEN = Sentence(
        zh="报告 {report} 还有 {count} 项核查发现未处理，不能下结论。",
        en="{count} findings about report {report} are not settled; conclude after that.",
        article="S65",
    )
    FIGURE_NOT_DERIVED = Sentence(
        zh="核查排放量应为 {derived_t} 吨（报告值加保守估计），不是 {verified_t} 吨。",
        en="The verified emission follows from report and estimates as {derived_t} t, not {verified_t} t.",
        article="design choice",
        status=422,
    )
    MISSTATED_MATERIALLY = Sentence(
        zh="未更正的错报（{misstated_t} 吨）超过重要性水平（{threshold_t} 吨），不能出具肯定意见。",
        en="What is misstated and left standing ({misstated_t} t) passes the materiality of {threshold_t} t: no "
        "positive opinion.",
        article="S65",
    )
    NOTHING_TO_SIGN = Sentence(
        zh="报告 {report} 尚无待签署的核查结论。",
        en="There is no conclusion on report {report} to sign.",
        article="design choice",
    )
    OTHER_CONCLUSION = Sentence(
        zh="报告 {report} 的核查结论已变更，您看到的摘要不再有效，请重新查看。",
        en="The conclusion on report {report} is another by now; look at it again before you sign.",
        article="design choice",
    )
    NOT_YOUR_DUTY = Sentence(
        zh="报告 {report} 的核查计划未指定您为“{duty}”。",
        en="The plan of report {report} does not name you as {duty}.",
        article="S65",
        status=403,
    )
    OUT_OF_TURN = Sentence(
        zh="请先由“{before}”签署报告 {report} 的核查结论。",
        en="{before} signs the conclusion on report {report} first.",
        article="S65",
    )
    SIGNED_ALREADY = Sentence(
        zh="您已签署报告 {report} 的核查结论。",
        en="You have signed the conclusion on report {report}.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Team:
    """Who takes part: numbers of people.

    Attributes:
        leader: concludes.
        reviewer: technical reviewer, who took no part on site.
        signatory: signs for the firm.
        members: of the team beside its leader.
    """

    leader: str
    reviewer: str
    signatory: str
    members: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Everybody."""
        return frozenset({self.leader, self.reviewer, self.signatory, *self.members})

    def of(self, duty: Duty) -> str:
        """Whoever signs in a duty."""
        return {Duty.LEADER: self.leader, Duty.TECHNICAL_REVIEWER: self.reviewer}.get(duty, self.signatory)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan about to be made.

    Attributes:
        body: the verification body.
        entity: the company.
        duties: what each person is registered for with the body.
        mode: how the place is looked at.
        reason: why it is not visited.
        is_simplifiable: whether the simpler way is open.
        sampled: count of source lines that are sampled.
        lines: count of source lines of the report.
    """

    body: str
    entity: str
    team: Team
    duties: dict[str, frozenset[Duty]]
    mode: VisitMode
    reason: str
    is_simplifiable: bool
    sampled: int
    lines: int


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as its conclusion needs it.

    Attributes:
        number: of the finding.
        kind: what it is about.
        effect_t: tonnes by which the report is wrong as far as known, either sign.
        settlement: how it ended, None while it is open.
        added_t: tonnes that a conservative estimate adds.
    """

    number: str
    kind: FindingKind
    effect_t: int
    settlement: Settlement | None
    added_t: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What findings do to a report's figure.

    Attributes:
        verified: the figure with its derivation, t.
        threshold: materiality with its derivation, t.
        misstated_t: misstatements left standing, sizes added up, t.
        open_count: findings not settled.
        remark_count: findings the opinion must tell.
    """

    verified: Traced
    threshold: Traced
    misstated_t: int
    open_count: int
    remark_count: int

    @property
    def is_material(self) -> bool:
        """Whether what is left standing forbids a positive opinion."""
        return self.misstated_t > self.threshold.whole


def materiality(total_t: int, rules: RulesAt) -> Traced:
    """Compute the materiality threshold of a report.

    Args:
        total_t: reported tonnes, >= 0.
        rules: of region and year.

    Returns:
        Whole tonnes: the share of the emissions that the rule book names for this size, fractions dropped.

    Source: rule book `verification.materiality.share`, `verification.materiality.large_share`.
    """
    is_large = total_t > rules.integer("verification.materiality.large_from_t")
    share = rules.number(f"verification.materiality.{'large_share' if is_large else 'share'}")
    reported = trace.given(total_t, "t", zh="报告排放量", en="reported emission")
    product = trace.product([reported, share], "t", zh="重要性水平", en="materiality")
    return trace.floor(product, zh="重要性水平（整吨）", en="materiality in whole tonnes")


def check_plan(planned: Planned, rules: RulesAt) -> None:
    """Decide whether a plan may be made.

    Args:
        planned: the facts.
        rules: of region and year.

    Raises:
        Refused: TEAM_UNFIT for the first person by duty; TEAM_TOO_SMALL; VISIT_WITHOUT_REASON; NOT_SIMPLIFIABLE;
            SAMPLE_TOO_SMALL unless the simpler way is taken.

    Source: S65; rule book `verification.team_min`, `verification.sample_share`.
    """
    team = planned.team
    places = [*((duty, team.of(duty)) for duty in SIGNING), *((Duty.MEMBER, one) for one in team.members)]
    for duty, person in places:
        if duty not in planned.duties.get(person, frozenset()):
            facts = {"person": person, "duty": duty.value, "body": planned.body}
            raise Refused(VerificationRefusal.TEAM_UNFIT, **facts)
    least = rules.integer("verification.team_min")
    # The reviewer and the signatory look at what the team did; they are not counted as the team.
    if len({team.leader, team.reviewer, team.signatory}) < len(SIGNING) or 1 + len(set(team.members)) < least:
        raise Refused(VerificationRefusal.TEAM_TOO_SMALL, least=least)
    if planned.mode is not VisitMode.ON_SITE and not planned.reason.strip():
        raise Refused(VerificationRefusal.VISIT_WITHOUT_REASON)
    if planned.mode is VisitMode.SIMPLIFIED:
        if not planned.is_simplifiable:
            years = rules.integer("verification.simplified_years")
            raise Refused(VerificationRefusal.NOT_SIMPLIFIABLE, entity=planned.entity, years=years)
        return
    least_share = rules.decimal("verification.sample_share")
    if planned.sampled < least_share * planned.lines:
        counts = {"sampled": planned.sampled, "lines": planned.lines}
        raise Refused(VerificationRefusal.SAMPLE_TOO_SMALL, **counts, least=least_share)


def is_simplifiable(year: int, verdicts: dict[int, tuple[Verdict, bool]], rules: RulesAt) -> bool:
    """Say whether lasting quality opens the simpler way.

    Args:
        year: compliance year.
        verdicts: opinion of each year before, and whether any of its findings was material.
        rules: of region and year.

    Source: S02 item 17; rule book `inspection.simplified_verification`, `verification.simplified_years`.
    """
    if not (rules.has("inspection.simplified_verification") and rules.flag("inspection.simplified_verification")):
        return False
    years = range(year - rules.integer("verification.simplified_years"), year)
    clean = (Verdict.VERIFIED_AS_SATISFACTORY, False)
    return all(verdicts.get(one) == clean for one in years)


def check_settlement(
    finding: str,
    settlement: Settlement,
    *,
    is_settled: bool,
    is_answered: bool,
    due_on: date,
    today: date,
    is_corrected: bool,
    added_t: int,
) -> None:
    """Decide whether a finding may be settled in one way.

    Args:
        finding: number.
        settlement: the way.
        is_settled: it was settled before.
        is_answered: the company has answered.
        due_on: last day for the answer.
        today: day in the region's zone.
        is_corrected: a version of the report was submitted after the finding.
        added_t: tonnes an estimate adds; 0 for every other way.

    Raises:
        Refused: FINDING_SETTLED; NO_ANSWER_YET while the company may still answer; NOT_CORRECTED; ESTIMATE_UNFIT.

    Source: S65 (correction, else a conservative estimate).
    """
    if is_settled:
        raise Refused(VerificationRefusal.FINDING_SETTLED, finding=finding)
    if not is_answered and not is_corrected and today <= due_on and settlement is not Settlement.LEFT_STANDING:
        raise Refused(VerificationRefusal.NO_ANSWER_YET, finding=finding, due_on=due_on)
    if settlement is Settlement.CORRECTED and not is_corrected:
        raise Refused(VerificationRefusal.NOT_CORRECTED, finding=finding)
    if (settlement is Settlement.ESTIMATED) != (added_t > 0) or added_t < 0:
        raise Refused(VerificationRefusal.ESTIMATE_UNFIT, effect_t=added_t)


def evaluate(total_t: int, findings: Sequence[Found], rules: RulesAt) -> Evaluation:
    """Work out what findings do to a report's figure, and whether what is left standing is material.

    Args:
        total_t: reported tonnes of the version that is verified.
        findings: about the company's report of the year, on this version or one before.
        rules: of region and year.

    Returns:
        The evaluation; estimates are in the figure, misstatements left standing are not.

    Source: S65; S70 for the kinds of findings.
    """
    reported = trace.given(total_t, "t", zh="报告排放量", en="reported emission")
    estimates = [
        trace.given(one.added_t, "t", zh=f"保守估计（{one.number}）", en=f"conservative estimate ({one.number})")
        for one in findings
        if one.settlement is Settlement.ESTIMATED
    ]
    standing = [one for one in findings if one.settlement is Settlement.LEFT_STANDING]
    remarks = [one for one in findings if one.settlement in (Settlement.ESTIMATED, Settlement.LEFT_STANDING)]
    return Evaluation(
        verified=trace.total([reported, *estimates], "t", zh="核查排放量", en="verified emission"),
        threshold=materiality(total_t, rules),
        misstated_t=sum(abs(one.effect_t) for one in standing),
        open_count=sum(one.settlement is None for one in findings),
        remark_count=len(remarks),
    )


def check_conclusion(report: str, verdict: Verdict, verified_t: int, evaluation: Evaluation) -> None:
    """Decide whether a leader may conclude; what a verdict must agree with is asked by `core.reporting` as well.

    Args:
        report: number of the version.
        verdict: what is concluded.
        verified_t: the figure the leader has seen; not used when the verdict is NOT_VERIFIED.
        evaluation: of all findings.

    Raises:
        Refused: FINDINGS_OPEN; FIGURE_NOT_DERIVED; MISSTATED_MATERIALLY.

    Source: S65; S70.
    """
    if evaluation.open_count:
        raise Refused(VerificationRefusal.FINDINGS_OPEN, report=report, count=evaluation.open_count)
    if verdict not in POSITIVE:
        return
    derived_t = evaluation.verified.whole
    if verified_t != derived_t:
        raise Refused(VerificationRefusal.FIGURE_NOT_DERIVED, derived_t=derived_t, verified_t=verified_t)
    if evaluation.is_material:
        facts = {"misstated_t": evaluation.misstated_t, "threshold_t": evaluation.threshold.whole}
        raise Refused(VerificationRefusal.MISSTATED_MATERIALLY, **facts)


def next_duty(signed: Iterable[Duty]) -> Duty | None:
    """Give who signs next, None when all three have."""
    done = frozenset(signed)
    return next((duty for duty in SIGNING if duty not in done), None)


def check_signature(
    report: str, *, person: str, duty: Duty, team: Team, digest: str, signing: str, signed: Mapping[Duty, str]
) -> None:
    """Decide whether somebody may put one of the three signatures to a conclusion.

    Args:
        report: number of the version.
        person: who signs.
        duty: in which of the three places.
        team: as planned.
        digest: of the conclusion as it stands; empty when there is none.
        signing: the digest the person has seen.
        signed: who signed so far.

    Raises:
        Refused: NOTHING_TO_SIGN; OTHER_CONCLUSION; NOT_YOUR_DUTY; SIGNED_ALREADY; OUT_OF_TURN.

    Source: S65 (leader, technical reviewer, firm); that nobody signs twice is a design choice.
    """
    if not digest:
        raise Refused(VerificationRefusal.NOTHING_TO_SIGN, report=report)
    if signing != digest:
        raise Refused(VerificationRefusal.OTHER_CONCLUSION, report=report)
    if team.of(duty) != person:
        raise Refused(VerificationRefusal.NOT_YOUR_DUTY, report=report, duty=duty.value)
    if person in signed.values():
        raise Refused(VerificationRefusal.SIGNED_ALREADY, report=report)
    before = next_duty(signed)
    if before is not duty and before is not None:
        raise Refused(VerificationRefusal.OUT_OF_TURN, report=report, before=before.value)
