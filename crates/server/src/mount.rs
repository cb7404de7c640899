//! The endpoint table as a router.

use matchit::Router;
use placet_api::endpoints::{ALL, Row};
use placet_api::{CallError, PathValues, Reason};
use placet_base::{ServiceId, form};

/// Which row a request is for, and what its path names.
pub(crate) struct Route {
    pub(crate) row: &'static Row,
    pub(crate) service: Option<ServiceId>,
    path: [Option<String>; PathValues::NAMES.len()],
}

impl Route {
    pub(crate) fn path(&self) -> PathValues<'_> {
        let [client, subject, token, batch] = &self.path;
        PathValues {
            client: client.as_deref(),
            subject: subject.as_deref(),
            token: token.as_deref(),
            batch: batch.as_deref(),
        }
    }
}

pub(crate) struct Routes(Router<Vec<&'static Row>>);

impl Routes {
    pub(crate) fn new() -> Self {
        let mut router: Router<Vec<&'static Row>> = Router::new();
        for row in ALL {
            match router.at_mut(row.path) {
                Ok(found) if found.value.first().is_some_and(|first| first.path == row.path) => {
                    found.value.push(row);
                }
                _ => router.insert(row.path, vec![row]).unwrap_or_else(|e| panic!("{}: {e}", row.path)),
            }
        }
        Self(router)
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Route, CallError> {
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        let unknown = || Reason::PathUnknown { method: method.to_owned(), path: path.to_owned() };
        let found = self.0.at(trimmed).map_err(|_| unknown())?;
        let row = found.value.iter().find(|row| row.method == method);
        let row = *row
            .ok_or_else(|| Reason::MethodNotAllowed { method: method.to_owned(), path: path.to_owned() })?;
        let service = match found.params.get("serviceId") {
            None => None,
            Some(text) => Some(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_mounted_and_found_again() {
        let routes = Routes::new();
        for row in ALL {
            let names = PathValues::NAMES.map(|name| format!("{{{name}}}"));
            let fill = |path: String, name: &String| path.replace(name, "a%2Fb+c");
            let path = names.iter().fold(row.path.replace("{serviceId}", "42"), fill);
            let route = routes.find(row.method, &path).unwrap();
            assert_eq!(route.row.name, row.name);
            assert_eq!(route.service.is_some(), row.path.contains("{serviceId}"));
            let expected = names.iter().filter(|name| row.path.contains(*name)).count();
            assert_eq!(route.path().named().filter(|(_, value)| *value == "a/b+c").count(), expected);
            assert!(routes.find(row.method, &format!("{path}/")).is_ok());
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_named() {
        let routes = Routes::new();
        let reason = |method, path| routes.find(method, path).err().map(|e| e.reason.name());
        assert_eq!(reason("POST", "/api/42/nothing"), Some("PathUnknown"));
        assert_eq!(reason("PUT", "/api/42/auth/token"), Some("MethodNotAllowed"));
        assert_eq!(reason("POST", "/api/x/auth/token"), Some("ServiceUnknown"));
        assert_eq!(reason("GET", "/api/42/client/get/%ff"), Some("PathUnknown"));
    }
}
