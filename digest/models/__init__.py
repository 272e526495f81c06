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
from digest.models.counts import (
    AudienceCounts,
    Count,
    FieldValues,
    PeopleCounts,
)
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
from digest.models.events import (
    EventKind,
    WebhookCall,
    WebhookHealth,
    WebhookRule,
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
    FeedPost,
    Post,
)
from digest.models.progress import Holding, Progress, SendHold
from digest.models.settings import DatabaseHealth, Origin, Setting, Settings, SettingsTable
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
from digest.models.uploads import Upload, UploadOptions, UploadReport, UploadState

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
    "AudienceCounts",
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
    "Count",
    "CustomBlock",
    "DatabaseHealth",
    "Delivery",
    "DeliveryState",
    "Document",
    "Edition",
    "EditionState",
    "EditorChanges",
    "EventKind",
    "ExportedThread",
    "Failure",
    "FeedFacts",
    "FeedHistory",
    "FeedOutcome",
    "FeedPost",
    "FeedResult",
    "FeedSource",
    "Fetched",
    "FieldValues",
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
    "Origin",
    "Outcome",
    "ParsedComment",
    "ParsedComments",
    "ParsedFeed",
    "ParsedPage",
    "ParsedPost",
    "PeopleCounts",
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
    "Released",
    "Reply",
    "Resolution",
    "Section",
    "SendHold",
    "SessionRefusal",
    "Setting",
    "Settings",
    "SettingsTable",
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
    "Upload",
    "UploadOptions",
    "UploadReport",
    "UploadState",
    "Validators",
    "Variant",
    "WebhookCall",
    "WebhookHealth",
    "WebhookRule",
    "may_follow",
    "shown_state",
]
