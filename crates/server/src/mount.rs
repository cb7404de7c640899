//! The endpoint table as a router.

use matchit::Router;
use placet_api::endpoints::{ALL, Row};
use placet_api::{CallError, EndpointId, PathValues, Reason};
use placet_base::{ServiceId, form};
use placet_engine::Addressed;

/// Which row a request is for, and what its path names.
pub(crate) struct Route {
    pub(crate) row: &'static Row,
    pub(crate) service: Addressed,
    path: [Option<String>; PathValues::NAMES.len()],
}

impl Route {
    pub(crate) fn path(&self) -> PathValues<'_> {
        let [client, subject, token, batch, handle] = &self.path;
        PathValues {
            client: client.as_deref(),
            subject: subject.as_deref(),
            token: token.as_deref(),
            batch: batch.as_deref(),
            handle: handle.as_deref(),
        }
    }
}

/// A row at a path that it is mounted at.
#[derive(Clone)]
struct Mounted {
    row: &'static Row,
    path: String,
    /// Without the service that its row is about.
    version2: bool,
}

pub(crate) struct Routes(Router<Vec<Mounted>>);

/// The part of a path that names the service.
const SERVICE: &str = "/{serviceId}";

impl Routes {
    /// `version2`: also the paths that do not name their service.
    pub(crate) fn new(version2: bool) -> Self {
        let own = ALL.iter().map(|row| Mounted { row, path: row.path.to_owned(), version2: false });
        let without = ALL.iter().filter(|row| version2 && row.path.contains(SERVICE)).map(without_service);
        let mut router: Router<Vec<Mounted>> = Router::new();
        for mounted in own.chain(without) {
            let path = mounted.path.clone();
            match router.at_mut(&path) {
                Ok(found) if found.value.first().is_some_and(|first| first.path == path) => {
                    found.value.push(mounted);
                }
                _ => router.insert(&path, vec![mounted]).unwrap_or_else(|e| panic!("{path}: {e}")),
            }
        }
        Self(router)
    }

    /// The methods of a path, in one text (RFC 9110 §10.2.1).
    pub(crate) fn allowed(&self, path: &str) -> String {
        let found = self.0.at(path.strip_suffix('/').unwrap_or(path));
        let methods = found.iter().flat_map(|found| found.value).map(|mounted| mounted.row.method);
        methods.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Route, CallError> {
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        let unknown = || Reason::PathUnknown { method: method.to_owned(), path: path.to_owned() };
        let found = self.0.at(trimmed).map_err(|_| unknown())?;
        let mounted = found.value.iter().find(|mounted| mounted.row.method == method);
        let Mounted { row, version2, .. } = mounted
            .ok_or_else(|| Reason::MethodNotAllowed { method: method.to_owned(), path: path.to_owned() })?;
        let service = match found.params.get("serviceId") {
            None if *version2 => Addressed::OfCaller,
            None => Addressed::Nothing,
            Some(text) => Addressed::Named(
                ServiceId::parse(text).ok_or_else(|| Reason::ServiceUnknown { service: text.to_owned() })?,
            ),
        };
        // A `+` in a path is a plus sign; only `%` escapes.
        let decoded = |text: &str| form::decode(&text.replace('+', "%2B")).map(std::borrow::Cow::into_owned);
        let mut path = [const { None }; PathValues::NAMES.len()];
        for (value, name) in path.iter_mut().zip(PathValues::NAMES) {
            *value = found.params.get(name).map(|text| decoded(text).ok_or_else(unknown)).transpose()?;
        }
        Ok(Route { row, service, path })
    }
}

/// COMPAT: as Version 2 of the API has a row's path: without the service, which the credentials tell; where the
/// credentials are those of its owner, the service comes last.
fn without_service(row: &'static Row) -> Mounted {
    let last = matches!(
        row.id,
        EndpointId::service_get
            | EndpointId::service_update
            | EndpointId::service_patch
            | EndpointId::service_delete
    );
    let path = row.path.replacen(SERVICE, "", 1) + if last { SERVICE } else { "" };
    Mounted { row, path, version2: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_mounted_and_found_again() {
        let routes = Routes::new(true);
        for row in ALL {
            let names = PathValues::NAMES.map(|name| format!("{{{name}}}"));
            let fill = |path: String, name: &String| path.replace(name, "a%2Fb+c");
            let path = names.iter().fold(row.path.replace("{serviceId}", "42"), fill);
            let route = routes.find(row.method, &path).unwrap();
            assert_eq!(route.row.name, row.name);
            let named = Addressed::Named(ServiceId(42));
            assert_eq!(route.service == named, row.path.contains("{serviceId}"));
            let expected = names.iter().filter(|name| row.path.contains(*name)).count();
            assert_eq!(route.path().named().filter(|(_, value)| *value == "a/b+c").count(), expected);
            assert!(routes.find(row.method, &format!("{path}/")).is_ok());
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_named() {
        let routes = Routes::new(true);
        let reason = |method, path| routes.find(method, path).err().map(|e| e.reason.name());
        assert_eq!(reason("POST", "/api/42/nothing"), Some("PathUnknown"));
        assert_eq!(reason("PUT", "/api/42/auth/token"), Some("MethodNotAllowed"));
        assert_eq!(routes.allowed("/api/42/auth/token/"), "POST");
        assert_eq!(routes.allowed("/api/42/service/configuration"), "GET, POST");
        assert_eq!(reason("POST", "/api/x/auth/token"), Some("ServiceUnknown"));
        assert_eq!(reason("GET", "/api/42/client/get/%ff"), Some("PathUnknown"));
    }

    #[test]
    fn paths_without_a_service_are_there_where_they_are_wanted() {
        let (with, without) = (Routes::new(true), Routes::new(false));
        for row in ALL.iter().filter(|row| row.path.contains(SERVICE)) {
            let path = without_service(row).path;
            let names = PathValues::NAMES.map(|name| format!("{{{name}}}"));
            let path =
                names.iter().fold(path.replace("{serviceId}", "42"), |path, name| path.replace(name, "x"));
            let route = with.find(row.method, &path).unwrap();
            assert_eq!(route.row.name, row.name, "{path}");
            let last = path.ends_with("/42");
            assert_eq!(
                route.service,
                if last { Addressed::Named(ServiceId(42)) } else { Addressed::OfCaller }
            );
            // Where they are not, they are what they look like: the path of a service that does not exist, or nothing.
            assert!(without.find(row.method, &path).is_err(), "{path}");
        }
    }
}
