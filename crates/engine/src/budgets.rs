//! THE TABLE of what a request can multiply, and how far. One that asks for more is refused before the work is done, or
//! gets as much as the table says. `docs/operating.md` shows the same table, held against this one by a test; what the
//! server bounds for all requests together is in `server/src/budgets.rs`.

placet_base::budgets! {
    #[doc = "Parameters of an OAuth request, all of them."]
    PARAMETERS_TEXT = 64 * 1024, "bytes", "413 for a pushed request, else malformed";
    #[doc = "Parameters of an OAuth request."]
    PARAMETERS = 256, "parameters", "malformed";
    #[doc = "Arrays and objects within each other in a JSON text of a request: what its library, serde_json, reads."]
    JSON_DEPTH = 127, "levels", "malformed";
    #[doc = "Scopes that one request asks for."]
    REQUESTED_SCOPES = 100, "scopes", "`A901341`";
    #[doc = "Resources (`resource`) of one request."]
    RESOURCES = 32, "resources", "`A251307`";
    #[doc = "Audiences (`audience`) of one token exchange."]
    AUDIENCES = 32, "audiences", "`A932310`";
    #[doc = "Elements of `authorization_details`."]
    AUTHORIZATION_DETAILS = 64, "elements", "`A249304`";
    #[doc = "A `client_notification_token`."]
    NOTIFICATION_TOKEN = 1024, "bytes", "`A155302`";
    #[doc = "A `binding_message`."]
    BINDING_MESSAGE = 100, "characters", "`A930309`";
    #[doc = "The life that a client asks for its backchannel request (`requested_expiry`), unless the service gives more anyway."]
    REQUESTED_EXPIRY = 3600, "seconds", "it ends then";
    #[doc = "Wrong user codes (device flow) that are tried at one service within the life of a code; fewer where codes are short."]
    USER_CODE_GUESSES = 10_000, "attempts", "no code is known until the time is over, `A931313`";
    #[doc = "A user code as a user types it."]
    USER_CODE_TEXT = 1024, "bytes", "unknown";
    #[doc = "Wrong verifiers that a code outlasts."]
    WRONG_VERIFIERS = 4, "attempts", "the code is void";
    #[doc = "Kinds of credentials that a service issues."]
    CREDENTIAL_CONFIGURATIONS = 200, "kinds", "the property is refused by name";
    #[doc = "Credentials that one request asks for (`batchSize`)."]
    CREDENTIAL_BATCH = 100, "credentials", "the property is refused by name";
    #[doc = "Credential requests of one batch (draft 13)."]
    CREDENTIAL_REQUESTS = 20, "requests", "`A910329`";
    #[doc = "Credential requests of one access token that wait for their orders, deferred ones among them."]
    OPEN_CREDENTIAL_REQUESTS = 50, "requests", "`A910337`";
    #[doc = "How long a wallet waits between two requests for a credential that comes later (`interval`)."]
    CREDENTIAL_INTERVAL = 24 * 60 * 60, "seconds", "`A910207`";
    #[doc = "Payloads of the credentials that one order makes, all together."]
    CREDENTIAL_PAYLOADS = 1024 * 1024, "bytes", "`A910206`";
    #[doc = "Credentials of one offer."]
    OFFERED_CREDENTIALS = 50, "credentials", "`A909204`";
    #[doc = "A transaction code (`txCode`)."]
    TRANSACTION_CODE = 64, "characters", "`A909208`";
    #[doc = "What a credential offer says about its transaction code."]
    TRANSACTION_CODE_DESCRIPTION = 300, "characters", "`A909210`";
    #[doc = "The `context` of a credential offer."]
    OFFER_CONTEXT = 8 * 1024, "bytes", "`A909211`";
    #[doc = "What a wallet says to its notification."]
    EVENT_DESCRIPTION = 1024, "characters", "`A910331`";
    #[doc = "Entries of a status list, taken or not."]
    STATUS_LIST_ENTRIES = 128 * 1024, "entries", "the next list";
    #[doc = "Status lists of a service that are named together (`status_list_aggregation_endpoint`)."]
    STATUS_LISTS = 1_000, "lists", "the oldest are left out";
    #[doc = "Entries that are drawn for a credential, until one is free."]
    STATUS_LIST_TRIES = 16, "entries", "the next list";
    #[doc = "Credentials of one user whose status is changed at once."]
    SUBJECT_CREDENTIALS = 1_000, "credentials", "`cursor` says where to go on";
    #[doc = "The key id of the key that a credential response is encrypted for."]
    RESPONSE_KEY_ID = 256, "bytes", "`A910310`";
    #[doc = "Wrong transaction codes that a pre-authorized code outlasts."]
    WRONG_TRANSACTION_CODES = 4, "attempts", "the pre-authorized code is void";
    #[doc = "Keys of a service in HSMs."]
    HARDWARE_KEYS = 20, "keys", "`A940205`";
    #[doc = "The `kid` of a key in an HSM."]
    HARDWARE_KEY_ID = 100, "characters", "`A263205`";
    #[doc = "A value that is looked up as a token."]
    TOKEN_TEXT = 16 * 1024, "bytes", "unknown";
    #[doc = "Transformed claims that one request defines."]
    TRANSFORMED_CLAIMS = 32, "definitions", "`A901340`";
    #[doc = "Functions of one transformed claim."]
    CLAIM_FUNCTIONS = 8, "functions", "`A901340`";
    #[doc = "Functions inside functions of a transformed claim."]
    CLAIM_FUNCTION_DEPTH = 4, "levels", "`A901340`";
    #[doc = "Patterns (`match`) in the transformed claims of one request."]
    CLAIM_PATTERNS = 16, "patterns", "`A901340`";
    #[doc = "Sets of verified claims that one request asks for, in each of its two places."]
    REQUESTED_VERIFIED_CLAIMS = 8, "sets", "`A901350`";
    #[doc = "Members and elements of the request for one set of verified claims."]
    VERIFIED_CLAIMS_REQUEST = 256, "members", "`A901350`";
    #[doc = "Arrays and objects within each other in verified claims, and in a request for them."]
    VERIFIED_CLAIMS_DEPTH = 16, "levels", "`A901350`, `A901209`";
    #[doc = "Sets of verified claims of one user."]
    GIVEN_VERIFIED_CLAIMS_SETS = 32, "sets", "`A901209`";
    #[doc = "Members and elements of the verified claims of one user."]
    GIVEN_VERIFIED_CLAIMS = 4096, "members", "`A901209`";
    #[doc = "External attachments of the verified claims of one user."]
    EXTERNAL_ATTACHMENTS = 20, "attachments", "`A901209`";
    #[doc = "Patterns of one service: transformed claims and scopes, each."]
    SERVICE_PATTERNS = 64, "patterns", "`A920250`, or the property is refused by name";
    #[doc = "Text of one pattern."]
    PATTERN_TEXT = 512, "bytes", "no pattern";
    #[doc = "Memory of one pattern once it is compiled: repetitions multiply it."]
    PATTERN_MEMORY = 8 * 1024, "bytes", "no pattern";
    #[doc = "Parentheses inside parentheses of one pattern."]
    PATTERN_DEPTH = 16, "levels", "no pattern";
    #[doc = "Text that patterns are held against while one request is answered, counted for each pattern."]
    MATCHED_TEXT = 64 * 1024, "bytes", "`A901341` for scopes, claims are left out";
    #[doc = "Certificates above that of a client (`clientCertificatePath`)."]
    CERTIFICATE_PATH = 10, "certificates", "`A157328`";
    #[doc = "HTTP message signatures of one request to a resource."]
    MESSAGE_SIGNATURES = 4, "signatures", "malformed";
    #[doc = "A header that an HTTP message signature covers."]
    SIGNED_HEADER = 16 * 1024, "bytes", "as if it were not there";
    #[doc = "Extra properties of a token, as JSON."]
    PROPERTIES = 65_535, "bytes", "a result code of the call";
    #[doc = "Metadata of a client that registers."]
    REGISTRATION_METADATA = 64 * 1024, "bytes", "`A922302`";
    #[doc = "A client id metadata document."]
    CLIENT_METADATA_DOCUMENT = 5 * 1024, "bytes", "`A505302`";
    #[doc = "Clients of one service that are known by their metadata documents and federations, without having been registered."]
    DISCOVERED_CLIENTS = 2_000, "clients", "`A913308`";
    #[doc = "Parts of these places, of which clients fill one whose documents are at one host."]
    HOST_PARTS = 8, "parts", "`A913308`";
    #[doc = "Parts of the places among these that a trust anchor has, of which clients fill one who come by the same entity directly below it."]
    SUPERIOR_PARTS = 4, "parts", "`A908326`";
    #[doc = "Of all these, looked through for one whose trust chain has been over for 30 days, or whose document for an hour and that has no tokens, where there are as many as may be; it makes room."]
    OUTLIVED_CLIENTS = 100, "clients", "`A913308`";
    #[doc = "A metadata policy (`cimdMetadataPolicy`)."]
    METADATA_POLICY = 64 * 1024, "bytes", "the property is refused by name";
    #[doc = "Values of one operator of a metadata policy."]
    METADATA_POLICY_VALUES = 256, "values", "the property is refused by name";
    #[doc = "An entity identifier (OpenID Federation)."]
    ENTITY_IDENTIFIER = 2048, "bytes", "no entity";
    #[doc = "Statements of a trust chain."]
    TRUST_CHAIN = 10, "statements", "`A908309`";
    #[doc = "Superiors of one entity (`authority_hints`) that are asked for a trust chain."]
    AUTHORITY_HINTS = 10, "superiors", "the others are not asked";
    #[doc = "Entity statements that are looked at for one trust chain, fetched or kept."]
    RESOLUTION_FETCHES = 40, "statements", "`A908314`";
    #[doc = "All their texts."]
    RESOLUTION_BYTES = 1024 * 1024, "bytes", "`A908314`";
    #[doc = "How long is looked for one trust chain before nothing more is fetched."]
    RESOLUTION_SECONDS = 20, "seconds", "`A908314`";
    #[doc = "Types of trust marks that clients below one trust anchor must have (`trustMarkTypes`)."]
    TRUST_MARK_TYPES = 16, "types", "the property is refused by name";
    #[doc = "Status lists that the key attestations of a credential request are looked up in."]
    ATTESTATION_LISTS = 4, "lists", "`A910343`";
    #[doc = "Trust marks of one type that an entity has, and that are tried."]
    TRUST_MARKS = 4, "marks", "the others are not looked at";
    #[doc = "Attributes of a service or client, as JSON."]
    ATTRIBUTES = 65_535, "bytes", "`A039231`";
    #[doc = "A redirect URI of a client."]
    REDIRECT_URI = 200, "characters", "`A031207`";
    #[doc = "An alias of a client."]
    CLIENT_ALIAS = 255, "characters", "the property is refused by name";
    #[doc = "A client secret that the caller chooses."]
    CLIENT_SECRET = 86, "characters", "`A149601`";
    #[doc = "API tokens of an organization, and of a service."]
    API_TOKENS = 1_000, "tokens", "`A900234`";
    #[doc = "How long the former value of an API token works after it was replaced."]
    GRACE_PERIOD = 7 * 24 * 60 * 60, "seconds", "the property is refused by name";
    #[doc = "Members and invitations of an organization."]
    MEMBERS = 1_000, "members", "`A920260`";
    #[doc = "The address of a member."]
    EMAIL = 254, "bytes", "the property is refused by name";
    #[doc = "Text of a JSON Patch of the discovery document."]
    PATCH_TEXT = 128 * 1024, "bytes", "`A920208`";
    #[doc = "Operations of a JSON Patch."]
    PATCH_OPERATIONS = 64, "operations", "`A920208`";
    #[doc = "The discovery document after any operation of a JSON Patch."]
    PATCH_DOCUMENT = 64 * 1024, "bytes", "`A920208`";
    #[doc = "Levels of the discovery document after any operation of a JSON Patch."]
    PATCH_DEPTH = 32, "levels", "`A920208`";
    #[doc = "Entries of one page of a list."]
    LIST_PAGE = 1_000, "entries", "the answer ends there";
    #[doc = "Rows that are looked at for one page of tokens."]
    LIST_WALK = 1_000, "rows", "`end` says where to go on";
    #[doc = "Rows up to which `totalCount` counts."]
    LIST_COUNT = 50_000, "rows", "`totalCount` stays there";
    #[doc = "Tokens or clients that one commit changes one by one."]
    BULK = 1_000, "rows", "413, `A900232`, or the next commit";
    #[doc = "Rows that a call looks through for tokens to change."]
    BULK_WALK = 10_000, "rows", "413, `A900232`";
    #[doc = "Tokens that one revocation deletes at once: all are void from then on, the rest are swept."]
    REVOKED_AT_ONCE = 200, "rows", "swept when they expire";
    #[doc = "Batches of tokens that wait at one service."]
    WAITING_BATCHES = 100, "batches", "429, `A902218`";
    #[doc = "Tokens of a batch that one commit makes."]
    BATCH_STEP = 200, "tokens", "the next commit";
    #[doc = "Attempts to say where the operator wants it that a batch is done."]
    BATCH_NOTIFICATIONS = 5, "attempts", "the status says it alone";
    #[doc = "Managed grants of one user at one client."]
    GRANTS = 100, "grants", "`A934306`";
    #[doc = "Tokens of one session that applications of a device share."]
    SESSION_TOKENS = 100, "tokens", "the oldest ends";
    #[doc = "Attempts at an operation whose records change under it."]
    ATTEMPTS = 16, "attempts", "503, `A900231`";
    #[doc = "Key sets and failures of fetches that are kept in memory."]
    KEPT_DOCUMENTS = 1_000, "documents", "the oldest goes";
    #[doc = "Entity statements, and what issuers say of trust marks, that are kept in memory."]
    KEPT_STATEMENTS = 2_000, "statements", "fetched anew";
    #[doc = "Services that are kept compiled in memory."]
    KEPT_SERVICES = 1_000, "services", "compiled anew";
    #[doc = "Clients that are kept compiled in memory."]
    KEPT_CLIENTS = 10_000, "clients", "compiled anew";
    #[doc = "Users whose grants and marks are kept decoded in memory."]
    KEPT_OWNERS = 10_000, "users", "decoded anew";
    #[doc = "API tokens that are kept in memory."]
    KEPT_API_TOKENS = 1_000, "tokens", "read anew";
    #[doc = "Tokens of sign-ins that a member has at once."]
    SIGN_INS = 10, "tokens", "the oldest ends";
    #[doc = "Rows of a service that hold what it was asked of late."]
    INSPECTED_ROWS = 64, "rows", "the oldest makes room";
    #[doc = "Calls in such a row, all together, where it has more than one."]
    INSPECTED_ROW = 32 * 1024, "bytes", "the next row";
}

pub use placet_base::budgets::Budget;

/// The tables of this crate and of those below it.
pub fn all() -> impl Iterator<Item = &'static Budget> {
    TABLE.iter().chain(placet_jose::budgets::TABLE).chain(placet_vc::budgets::TABLE)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_budget_is_named_once_and_limits_something() {
        let mut names = std::collections::BTreeSet::new();
        for budget in super::all() {
            let said = budget.what.ends_with('.') && !budget.unit.is_empty() && !budget.beyond.is_empty();
            assert!(budget.limit > 0 && said, "{budget:?}");
            assert!(names.insert(budget.name), "{}", budget.name);
        }
    }
}
