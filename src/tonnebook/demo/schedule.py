"""When each step of a compliance year is played: the days come from the year's plan, about eighteen months in all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.auction import AuctionKind
from tonnebook.core.consultations import ConsultationSubject
from tonnebook.demo.steps import afterwards, complying, consulting, founding, products, reporting, trading
from tonnebook.demo.world import World

Play = Callable[[World, datetime], None]

_MORNING = time(10, 0)
_EVENING = time(16, 30)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the year.

    Attributes:
        code: word that is unique within the year.
        zh: what happens, in Chinese.
        en: the same in English.
        at: when.
        play: what plays it.
    """

    code: str
    zh: str
    en: str
    at: datetime
    play: Play


def steps(world: World) -> tuple[Step, ...]:
    """List the steps of a compliance year in the order they are played."""
    found = [
        *_opening(world),
        *_year(world),
        *_months(world),
        *_quiet_days(world),
        *_open_day(world),
        *_gap_days(world),
        *_closing(world),
        *_afterwards(world),
    ]
    return tuple(sorted(found, key=lambda step: step.at))


def _opening(world: World) -> Iterator[Step]:
    start = date(world.year - 1, 10, 15)
    yield _step("found", "设立市场", "Found the market", start, founding.found)
    yield _step("history", "导入历史数据", "Bring history", start + timedelta(days=1), founding.bring_history)
    remits_on = start + timedelta(days=2)
    yield _step("remits", "明确行业主管部门", "Name the sector departments", remits_on, consulting.set_remits)
    asked_on = world.deadline("coverage_list") - timedelta(days=12)
    yield _step("ask_list", "名单征求意见", "Circulate the draft list", asked_on, consulting.consult_about_list)
    heard_on = asked_on + timedelta(days=6)
    yield _step("hear_list", "名单意见反馈", "Opinions on the list", heard_on, _opinions(ConsultationSubject.COVERAGE))
    yield _step("cover", "公布纳管名单", "Publish the coverage list", world.deadline("coverage_list"), complying.cover)
    objected_on = world.deadline("coverage_list") + timedelta(days=3)
    yield _step(
        "list_objection", "处理名单异议", "Hear an objection to the list", objected_on, complying.hear_objection
    )
    plans_on = world.deadline("data_quality_plan") - timedelta(days=6)
    plans = [rulebook.word(world.region, "data_quality_plan", language) for language in ("zh", "en")]
    yield _step("plans", plans[0], plans[1].capitalize(), plans_on, reporting.submit_plans)
    yield _step("mandates", "委托编制报告", "Mandate a report writer", plans_on, reporting.give_mandates, _EVENING)
    known_on = _trading_day(world, date(world.year, 5, 22))
    yield _step("last_year", "上年度排放量", "Last year's emissions", known_on, founding.bring_last_year, _EVENING)
    shown_on = known_on + timedelta(days=3)
    yield _step("products", "产品碳足迹与城市清单", "Footprints and the city", shown_on, products.show_products)
    asked_on = world.deadline("plan") - timedelta(days=12)
    yield _step("ask_plan", "方案征求意见", "Circulate the draft plan", asked_on, consulting.consult_about_plan)
    heard_on = asked_on + timedelta(days=6)
    yield _step("hear_plan", "方案意见反馈", "Opinions on the plan", heard_on, _opinions(ConsultationSubject.PLAN))
    yield _step("adopt", "发布分配方案", "Adopt the plan", world.deadline("plan"), complying.adopt_plan)


def _year(world: World) -> Iterator[Step]:
    def issue(batch: Batch) -> Play:
        return lambda world, now: complying.issue_batch(world, batch, now)

    def hold(kind: AuctionKind) -> Play:
        return lambda world, now: trading.hold_auction(world, kind, periods.day_of(now))

    first_on, second_on = world.deadline("first_batch"), world.deadline("second_batch")
    yield _step("first_batch", "发放第一批配额", "Issue the first batch", first_on, issue(Batch.FIRST))
    early_on, late_on = world.deadline("early_auction"), world.deadline("last_resort_auction")
    yield _step("early_auction", "有偿竞价", "Early auction", early_on, hold(AuctionKind.EARLY))
    yield _step("second_batch", "多退少补", "Second batch and true-up", second_on, issue(Batch.SECOND))
    yield _step("last_auction", "履约竞价", "Last-resort auction", late_on, hold(AuctionKind.LAST_RESORT))


def _months(world: World) -> Iterator[Step]:
    def file(month: int) -> Play:
        return lambda world, now: reporting.file_month(world, month, now)

    for month in range(1, 13):
        due = periods.month(world.year, month).to_on + timedelta(days=20)
        yield _step(f"month_{month:02d}", f"{month} 月月度存证", f"Monthly filing {month}", due, file(month))


def _quiet_days(world: World) -> Iterator[Step]:
    for month in range(7, 13):
        day = _trading_day(world, date(world.year, month, 12))
        yield _step(f"trade_{month:02d}", "挂牌交易", "Listed trading", day, _traded(trading.trade_quietly), _EVENING)


def _open_day(world: World) -> Iterator[Step]:
    # The day the demo opens on: its visitors find a book with orders in it.
    day = _trading_day(world, date(world.year, 11, 20))
    yield _step("orders", "挂牌报价", "Orders in the book", day, _traded(trading.leave_orders), time(9, 45))
    yield _step("orders_over", "收市", "Close of the day", day, _traded(trading.close_day), _EVENING)


def _gap_days(world: World) -> Iterator[Step]:
    day = _trading_day(world, world.deadline("second_batch") + timedelta(days=1))
    yield _step("credits", "签发减排量", "Issue credits", day, trading.bring_credits)
    yield _step("trade_credits", "减排量交易", "Trade credits", day, _traded(trading.trade_credits), _EVENING)
    for left in (3, 2, 1):
        day = _trading_day(world, day + timedelta(days=1))
        yield _step(f"trade_gap_{4 - left}", "缺口交易", "Trade to close gaps", day, _closing_gaps(left), _EVENING)


def _closing(world: World) -> Iterator[Step]:
    surrender_on, report_on = world.deadline("surrender"), world.deadline("report")
    days = timedelta(days=1)
    yield _step("reports", "提交年度报告", "Annual reports", report_on - 3 * days, reporting.submit_reports)
    yield _step("assign", "委派核查机构", "Assign verifiers", report_on + days, reporting.assign_verifiers)
    planned_on, verified_on = report_on + 2 * days, world.deadline("verification") - days
    yield _step("verification_plans", "核查计划", "Plan verifications", planned_on, reporting.plan_verifications)
    yield _step("findings", "核查发现", "Findings", planned_on, reporting.raise_findings)
    yield _step("opinions", "出具核查意见", "Sign opinions", verified_on, reporting.sign_opinions)
    yield _step("determine", "审定排放量", "Determine", world.deadline("determination"), reporting.determine)
    grounds_on = world.deadline("determination") + 3 * days
    yield _step("grounds", "认定激励事项", "Note incentive grounds", grounds_on, complying.record_grounds)
    yield _step("submit", "提交清缴", "Submit surrenders", surrender_on - 2 * days, complying.submit_surrenders)
    yield _step("confirm", "确认清缴", "Confirm surrenders", surrender_on - days, complying.confirm_surrenders)
    yield _step("status", "认定履约状态", "Settle status", surrender_on + days, complying.settle_status)
    carry_on = world.deadline("carry_over")
    yield _step("carry_over", "配额结转", "Carry over", carry_on, complying.carry_over)
    published_on = world.deadline("public_tables")
    yield _step("publish", "公布履约结果", "Publish the tables", published_on, complying.publish_tables)
    yield _step("retire", "自愿注销", "Voluntary cancellation", carry_on + days, complying.retire_voluntarily)


# What is still open in November is met by whoever visits the demo then.
def _afterwards(world: World) -> Iterator[Step]:
    second_on, days = world.deadline("second_batch"), timedelta(days=1)
    yield _step("objection", "对配额提出异议", "Object", second_on + 4 * days, afterwards.object_to_allocation)
    yield _step("rejection", "异议处理", "Decide on it", second_on + 12 * days, afterwards.reject_objection)
    met_on = world.deadline("carry_over") + 4 * days
    yield _step(
        "departure", "登记转入全国市场", "Note a move to the national market", met_on, afterwards.note_departure
    )
    yield _step("hand_over", "移交全国市场", "Hand over", met_on + days, afterwards.hand_over)
    rechecked_on = _trading_day(world, date(world.year + 1, 11, 16))
    yield _step("recheck", "复核排放量", "Open a re-check", rechecked_on, afterwards.open_recheck)
    yield _step("replace", "重新审定", "Replace the figure", rechecked_on + 10 * days, afterwards.replace_figure)


def _opinions(subject: ConsultationSubject) -> Play:
    return lambda world, now: consulting.give_opinions(world, subject, now)


def _traded(play: Callable[[World, date], None]) -> Play:
    return lambda world, now: play(world, periods.day_of(now))


def _closing_gaps(left: int) -> Play:
    return lambda world, now: trading.trade_gaps(world, periods.day_of(now), days_left=left)


def _trading_day(world: World, day: date) -> date:
    calendar = rulebook.calendar(world.region)
    while not calendar.is_trading_day(day):
        day += timedelta(days=1)
    return day


def _step(code: str, zh: str, en: str, on: date, play: Play, at: time = _MORNING) -> Step:
    return Step(code, zh, en, periods.instant(on, at), play)
