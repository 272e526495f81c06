"""The types that several packages share.

Feeds become posts, posts an edition, an edition variants, a variant messages, a message a
delivery. All are frozen; times are aware and in UTC; text is plain unless a name ends in `_html`.
"""

from __future__ import annotations

from digest.models.accounts import (
    Accounts,
    KeptPosts,
)
from digest.models.audience import (
    AudienceGroup,
    CadenceAudience,
)
from digest.models.audit import (
    SCHEDULE,
    SENDER,
    SUBSCRIBER,
    Actor,
    AuditEntry,
)
from digest.models.bounces import (
    BounceOutcome,
    Failure,
    MailedSubscriber,
    SessionRefusal,
    StoredBounce,
)
from digest.models.choices import (
    Choice,
    EditorChanges,
    Typed,
)
from digest.models.collecting import (
    CollectReport,
    FeedOutcome,
    FeedResult,
)
from digest.models.confinement import Confinement
from digest.models.deliveries import (
    Delivery,
    DeliveryState,
    EditionState,
    FirstMails,
    Outcome,
    Reply,
    Resolution,
    shown_state,
)
from digest.models.editions import (
    NEXT_TIME,
    PICKED,
    AlsoAt,
    Answered,
    Candidate,
    CommentOmission,
    Edition,
    Omission,
    Quote,
    Reason,
    Story,
)
from digest.models.facts import (
    FeedFacts,
    SlotFacts,
)
from digest.models.known import (
    GIVEN_UP,
    CommentChanges,
    CommentSource,
    FeedHistory,
    KnownComment,
    KnownPost,
    UnvisitedPost,
)
from digest.models.ledger import (
    ENDED,
    TRANSITIONS,
    Accounting,
    Released,
    may_follow,
)
from digest.models.letters import (
    Finding,
    Message,
    Recipient,
    Section,
    Variant,
)
from digest.models.masthead import (
    CustomBlock,
    Masthead,
    Poll,
    Support,
    Theme,
)
from digest.models.parsed import (
    Change,
    CommentKind,
    CommentSystem,
    Document,
    ExportedThread,
    FeedSource,
    Fetched,
    FoundFeed,
    Manners,
    NewFeed,
    NotMailed,
    ParsedComment,
    ParsedComments,
    ParsedFeed,
    ParsedPage,
    ParsedPost,
    PostFilter,
    PostUpdate,
    SourceKind,
    Validators,
)
from digest.models.pictures import (
    Picture,
    PictureFiles,
    PictureUse,
)
from digest.models.polls import AskedPoll, PollResults
from digest.models.posts import (
    Comment,
    Post,
)
from digest.models.progress import Holding, Progress, SendHold
from digest.models.setup import (
    RelayAnswer,
    Setup,
)
from digest.models.sign_ups import (
    SignUp,
    SignUpCounts,
)
from digest.models.slots import (
    RESTORED,
    LastSlot,
    Slot,
    SlotState,
)
from digest.models.stored import (
    StoredEdition,
    StoredVariant,
)

__all__ = [
    "ENDED",
    "GIVEN_UP",
    "NEXT_TIME",
    "PICKED",
    "RESTORED",
    "SCHEDULE",
    "SENDER",
    "SUBSCRIBER",
    "TRANSITIONS",
    "Accounting",
    "Accounts",
    "Actor",
    "AlsoAt",
    "Answered",
    "AskedPoll",
    "AudienceGroup",
    "AuditEntry",
    "BounceOutcome",
    "CadenceAudience",
    "Candidate",
    "Change",
    "Choice",
    "CollectReport",
    "Comment",
    "CommentChanges",
    "CommentKind",
    "CommentOmission",
    "CommentSource",
    "CommentSystem",
    "Confinement",
    "CustomBlock",
    "Delivery",
    "DeliveryState",
    "Document",
    "Edition",
    "EditionState",
    "EditorChanges",
    "ExportedThread",
    "Failure",
    "FeedFacts",
    "FeedHistory",
    "FeedOutcome",
    "FeedResult",
    "FeedSource",
    "Fetched",
    "Finding",
    "FirstMails",
    "FoundFeed",
    "Holding",
    "KeptPosts",
    "KnownComment",
    "KnownPost",
    "LastSlot",
    "MailedSubscriber",
    "Manners",
    "Masthead",
    "Message",
    "NewFeed",
    "NotMailed",
    "Omission",
    "Outcome",
    "ParsedComment",
    "ParsedComments",
    "ParsedFeed",
    "ParsedPage",
    "ParsedPost",
    "Picture",
    "PictureFiles",
    "PictureUse",
    "Poll",
    "PollResults",
    "Post",
    "PostFilter",
    "PostUpdate",
    "Progress",
    "Quote",
    "Reason",
    "Recipient",
    "RelayAnswer",
    "Released",
    "Reply",
    "Resolution",
    "Section",
    "SendHold",
    "SessionRefusal",
    "Setup",
    "SignUp",
    "SignUpCounts",
    "Slot",
    "SlotFacts",
    "SlotState",
    "SourceKind",
    "StoredBounce",
    "StoredEdition",
    "StoredVariant",
    "Story",
    "Support",
    "Theme",
    "Typed",
    "UnvisitedPost",
    "Validators",
    "Variant",
    "may_follow",
    "shown_state",
]
