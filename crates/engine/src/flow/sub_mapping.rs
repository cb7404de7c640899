//! OpenID Connect Core §8.1, §3.1.2.1 – whom a client means by a `sub`: the authorization server knows its users by
//! their subjects, and compares those.

use placet_base::Subject;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::sub_mapping::SubMapping;
use crate::tenant::Client;

/// Keeps whom the client will mean by `sub`.
pub async fn remember(
    cx: &mut Cx<'_>,
    client: &Client,
    sub: &str,
    subject: &Subject,
) -> Result<Remembered, Fault> {
    if sub == subject.as_str() {
        return Ok(Remembered(()));
    }
    let mark = SubMapping::mark(client, sub);
    let record = SubMapping { mark, subject: subject.clone() };
    match cx.read.find_one::<SubMapping>(SubMapping::MARK, &record.mark).await? {
        Some(known) if known.subject == *subject => {}
        Some(known) => cx.write.replace(known, &record),
        None => {
            let number = cx.number();
            cx.write.insert(cx.tenant.id, &number, &record);
        }
    }
    Ok(Remembered(()))
}

/// It can be told whom the client means.
pub struct Remembered(());

/// The subject that the client means by `sub`: what it was told of, else the text itself.
pub async fn subject_of(cx: &Cx<'_>, client: &Client, sub: String) -> Result<String, Fault> {
    let known = cx.read.find_one::<SubMapping>(SubMapping::MARK, &SubMapping::mark(client, &sub)).await?;
    Ok(known.map_or(sub, |known| known.subject.as_str().to_owned()))
}
