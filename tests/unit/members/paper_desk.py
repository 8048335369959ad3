"""A paper to Red River Steel, and the two officers who draft and sign it."""

from dataclasses import replace
from datetime import datetime

from tests.unit.faces import files
from tests.unit.members.cast import AUTHORITY, NOW, STEEL

from tonnebook.core.papers import Annex, Draft, Figure, PaperKind
from tonnebook.core.roles import Actor
from tonnebook.core.uploads import DocumentPurpose, UploadKind
from tonnebook.faces import documents
from tonnebook.faces.uploads import Upload
from tonnebook.members import queries
from tonnebook.members import services as members

SITE = "https://registry.example"
DRAFT = Draft(
    PaperKind.ALLOCATION,
    "zh-hans",
    "关于发放2026年度碳排放配额的通知",
    ("现将贵单位2026年度配额发放情况通知如下。",),
    (Figure("2026年度配额", "12,400 t", "D00 plan", "scenario"),),
    (Annex("配额发放明细", ("批次", "数量"), (("第一批", "12,400 t"),)),),
)


class Desk:
    """Two officers who draft and sign."""

    def __init__(self, cast: dict[str, Actor]) -> None:
        self.cast, self.count = cast, 0

    def key(self) -> str:
        """A key not used before."""
        self.count += 1
        return f"paper-key-{self.count:05d}"

    def signed(self, name: str, now: datetime = NOW) -> Actor:
        """Somebody who has just proved a second factor."""
        return replace(self.cast[name], signed_at=now)

    def propose(self, draft: Draft = DRAFT, *, issuer: str = AUTHORITY, by: str = "zhou", now: datetime = NOW) -> str:
        """Draft a paper to Red River Steel; give the number of the approval that waits."""
        asked = members.paper_payload(draft, region="shanghai", issuer=issuer, organisation=STEEL, site=SITE)
        actor = self.signed(by, now)
        kind = "members.issue_paper"
        return str(members.propose(actor, kind=kind, payload=asked, key=self.key(), now=now)["approval"])

    def sign(
        self,
        approval: str,
        draft: Draft = DRAFT,
        *,
        issuer: str = AUTHORITY,
        by: str = "chen",
        now: datetime = NOW,
    ) -> str:
        """Sign and issue it; give its number."""
        row, actor = queries.approval(approval), self.signed(by, now)
        members.approve(actor, approval=approval, digest=row.digest, key=self.key(), now=now)
        asked = members.paper_payload(draft, region="shanghai", issuer=issuer, organisation=STEEL, site=SITE)
        answer = members.issue_paper(actor, **asked, approval=approval, key=self.key(), now=now)  # type: ignore[arg-type]
        return str(answer["paper"])

    def issue(self, draft: Draft = DRAFT, *, now: datetime = NOW) -> str:
        """Draft, sign and issue."""
        return self.sign(self.propose(draft, now=now), draft, now=now)

    def scan(self, organisation: str = AUTHORITY, by: str = "chen") -> str:
        """Hand in the scan of a stamped print; give its number."""
        content = files.pdf()
        upload = Upload("盖章件.pdf", UploadKind.PDF, documents.digest(content), len(content), content)
        purpose = DocumentPurpose.STAMPED_PRINT
        answer = members.keep_document(
            self.cast[by], organisation=organisation, upload=upload, purpose=purpose, key=self.key(), now=NOW
        )
        return str(answer["document"])
