"""The models of base, one file for each subject; `ALL` lists them in the order in which they are composed."""

from addons.base.models.access import Access
from addons.base.models.action import Action
from addons.base.models.address import Address
from addons.base.models.attachment import Attachment, Blob
from addons.base.models.company import Company
from addons.base.models.country import Country, State
from addons.base.models.currency import Currency
from addons.base.models.external_id import ExternalId
from addons.base.models.filter import Filter, FilterDefault
from addons.base.models.generation import Generation
from addons.base.models.group import Group
from addons.base.models.history import ChangeSet, LoggedChange, LoggedModel
from addons.base.models.industry import Industry
from addons.base.models.job import Job, Schedule
from addons.base.models.ledger import Addon, Migration, Owned, Shipped
from addons.base.models.menu import Menu
from addons.base.models.partner import Partner
from addons.base.models.partner_category import PartnerCategory
from addons.base.models.partner_family import PartnerFamily
from addons.base.models.property import Property
from addons.base.models.reachable import Reachable
from addons.base.models.rule import Rule
from addons.base.models.sequence import Sequence, SequenceCounter
from addons.base.models.session import ApiKey, Attempt, Session
from addons.base.models.setting import Setting
from addons.base.models.sign_in import SignIn
from addons.base.models.two_factor import RecoveryCode, TwoFactor
from addons.base.models.user import User
from addons.base.models.view import View

ALL = [
    LoggedModel,
    ChangeSet,
    LoggedChange,
    ExternalId,
    Addon,
    Owned,
    Shipped,
    Migration,
    Generation,
    Group,
    Access,
    Rule,
    View,
    Action,
    Menu,
    Setting,
    Currency,
    Country,
    State,
    Industry,
    PartnerCategory,
    Address,
    PartnerFamily,
    Reachable,
    Property,
    Partner,
    Company,
    User,
    Sequence,
    SequenceCounter,
    Filter,
    FilterDefault,
    Session,
    ApiKey,
    Attempt,
    SignIn,
    TwoFactor,
    RecoveryCode,
    Job,
    Schedule,
    Blob,
    Attachment,
]

__all__ = [
    "ALL",
    "Access",
    "Action",
    "Addon",
    "Address",
    "ApiKey",
    "Attachment",
    "Attempt",
    "Blob",
    "ChangeSet",
    "Company",
    "Country",
    "Currency",
    "ExternalId",
    "Filter",
    "FilterDefault",
    "Generation",
    "Group",
    "Industry",
    "Job",
    "LoggedChange",
    "LoggedModel",
    "Menu",
    "Migration",
    "Owned",
    "Partner",
    "PartnerCategory",
    "PartnerFamily",
    "Property",
    "Reachable",
    "RecoveryCode",
    "Rule",
    "Schedule",
    "Sequence",
    "SequenceCounter",
    "Session",
    "Setting",
    "Shipped",
    "SignIn",
    "State",
    "TwoFactor",
    "User",
    "View",
]
