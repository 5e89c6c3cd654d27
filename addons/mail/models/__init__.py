"""The models of mail, one file for each subject; `ALL` lists them in the order in which they are composed."""

from addons.mail.models.activity import Activities, Activity
from addons.mail.models.activity_type import ActivityType
from addons.mail.models.follower import Follower
from addons.mail.models.mail import Mail
from addons.mail.models.message import AttachmentMessage, Message
from addons.mail.models.notification import Notification
from addons.mail.models.owner import ActivityOwner, CompanyZone
from addons.mail.models.partner import PartnerThread
from addons.mail.models.subtype import Subtype
from addons.mail.models.template import Template
from addons.mail.models.thread import Thread
from addons.mail.models.user import UserInvitation

ALL = [
    Thread,
    Subtype,
    Message,
    AttachmentMessage,
    Follower,
    Notification,
    ActivityType,
    Activities,
    Activity,
    Mail,
    Template,
    PartnerThread,
    UserInvitation,
    ActivityOwner,
    CompanyZone,
]

__all__ = [
    "ALL",
    "Activities",
    "Activity",
    "ActivityOwner",
    "ActivityType",
    "AttachmentMessage",
    "CompanyZone",
    "Follower",
    "Mail",
    "Message",
    "Notification",
    "PartnerThread",
    "Subtype",
    "Template",
    "Thread",
    "UserInvitation",
]
