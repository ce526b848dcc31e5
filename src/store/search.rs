//! Histories: which transforms are found, as whole records or as short rows, and which came from which.

use std::collections::HashSet;

use easel_protocol::Failure;
use easel_protocol::job::JobState;
use easel_protocol::transform::{
    Ask, JobRow, Lineage, ListParams, SearchParams, TransformRow, TransformRows,
};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, Stored};

/// A family of pictures is shown as a whole, up to so many.
const MAX_FAMILY: usize = 500;

impl Store {
    /// A page of rows, newest first, and how many there are. A text is also found in jobs of the models in `named`.
    pub fn search(
        &self,
        query: &SearchParams,
        named: &HashSet<String>,
    ) -> Result<TransformRows, Failure> {
        self.read(|connection| Ok(search(connection, query, named)?))
    }

    /// What a transform goes back to, itself, and everything that came of any of them, oldest first.
    pub fn lineage(&self, id: &str) -> Result<Lineage, Failure> {
        self.read(|connection| Ok(lineage(connection, id)?))
    }
}

/// What a text is looked for in: SQLite knows the cases of ASCII alone, so it is kept in lower case.
pub(super) fn words<'a>(
    prompt: Option<&'a str>,
    title: Option<&'a str>,
    models: impl Iterator<Item = &'a str>,
) -> String {
    let said = [prompt, title].into_iter().flatten();
    said.chain(models).map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}

/// Completes what an earlier version wrote.
pub(super) fn fill_words(connection: &Connection) -> Stored<()> {
    let mut missing = connection.prepare(
        "SELECT id, json_extract(ask, '$.prompt'), json_extract(ask, '$.title'),
            (SELECT group_concat(model, char(10)) FROM jobs WHERE transform = transforms.id)
        FROM transforms WHERE words IS NULL",
    )?;
    let mut update = connection.prepare("UPDATE transforms SET words = ?2 WHERE id = ?1")?;
    let mut rows = missing.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, prompt, title, models): (String, Option<String>, Option<String>, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let models = models.as_deref().unwrap_or_default().lines();
        found.push((id, words(prompt.as_deref(), title.as_deref(), models)));
    }
    drop(rows);
    if found.is_empty() {
        return Ok(());
    }
    connection.execute_batch("BEGIN")?;
    for (id, words) in found {
        update.execute(params![id, words])?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

/// Conditions and their values.
#[derive(Default)]
struct Filter {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Filter {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Box<dyn ToSql>>) {
        self.sql.push_str(if self.values.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    fn is<T: ToSql + Clone + 'static>(&mut self, condition: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.and(condition, [Box::new(value.clone()) as Box<dyn ToSql>]);
        }
    }

    fn text(&mut self, text: Option<&str>, named: &HashSet<String>) {
        let text = text.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        let Some(text) = text else { return };
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(text)];
        let mut condition = "(instr(words, ?) > 0".to_owned();
        if !named.is_empty() {
            let marks = vec!["?"; named.len()].join(", ");
            condition.push_str(" OR EXISTS (SELECT 1 FROM jobs WHERE transform = transforms.id");
            condition.extend([" AND model IN (", &marks, "))"]);
            values.extend(named.iter().map(|model| Box::new(model.clone()) as Box<dyn ToSql>));
        }
        condition.push(')');
        self.and(&condition, values);
    }

    fn values(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(AsRef::as_ref).collect()
    }
}

/// The ids of a page of transforms, newest first.
pub(super) fn page(
    connection: &Connection,
    query: &ListParams,
    named: &HashSet<String>,
) -> Stored<Vec<String>> {
    let mut filter = Filter::default();
    filter.is("id < ?", query.before.as_ref());
    filter.is("client = ?", query.client.as_ref());
    filter.is("document = ?", query.document.as_ref());
    filter.text(query.text.as_deref(), named);
    ids(connection, &filter, query.limit.unwrap_or(50).clamp(1, 500), 0)
}

fn ids(connection: &Connection, filter: &Filter, limit: u32, offset: u32) -> Stored<Vec<String>> {
    let sql = format!("SELECT id FROM transforms{} ORDER BY id DESC LIMIT ? OFFSET ?", filter.sql);
    let mut values = filter.values();
    values.extend([&limit as &dyn ToSql, &offset]);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(values.as_slice(), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn search(
    connection: &Connection,
    query: &SearchParams,
    named: &HashSet<String>,
) -> Stored<TransformRows> {
    let mut filter = Filter::default();
    filter.is("client = ?", query.client.as_ref());
    if let Some(folder) = &query.folder {
        let condition =
            "folder IN (?, (SELECT json_extract(spec, '$.path') FROM folders WHERE id = ?))";
        filter.and(condition, [folder, folder].map(|it| Box::new(it.clone()) as Box<dyn ToSql>));
    }
    filter.is("created >= ?", query.since.as_ref());
    filter.is("created < ?", query.until.as_ref());
    let model = "EXISTS (SELECT 1 FROM jobs WHERE transform = transforms.id AND model = ?)";
    filter.is(model, query.model.as_ref());
    filter.text(query.text.as_deref(), named);
    let total: i64 = connection
        .prepare_cached(&format!("SELECT count(*) FROM transforms{}", filter.sql))?
        .query_row(filter.values().as_slice(), |row| row.get(0))?;
    let limit = query.limit.unwrap_or(100).clamp(1, 500);
    let ids = ids(connection, &filter, limit, query.offset)?;
    let rows = ids.iter().map(|id| row(connection, id)).collect::<Stored<_>>()?;
    Ok(TransformRows { total: total.unsigned_abs(), rows })
}

fn row(connection: &Connection, id: &str) -> Stored<TransformRow> {
    let (ask, created, folder): (String, i64, Option<String>) = connection
        .prepare_cached("SELECT ask, created, folder FROM transforms WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let ask: Ask = serde_json::from_str(&ask)?;
    let parent_transform = match &ask.parent {
        Some(artifact) => transform_of(connection, artifact)?,
        None => None,
    };
    Ok(TransformRow {
        id: id.to_owned(),
        created,
        intent: ask.intent,
        prompt: ask.prompt,
        title: ask.title,
        client: ask.client,
        folder,
        source: ask.source,
        parent: ask.parent,
        parent_transform,
        jobs: job_rows(connection, id)?,
    })
}

fn job_rows(connection: &Connection, transform: &str) -> Stored<Vec<JobRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, model, state FROM jobs WHERE transform = ?1 ORDER BY position",
    )?;
    let jobs = statement.query_map([transform], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut pictures = connection.prepare_cached(
        "SELECT blob FROM artifacts WHERE job = ?1 AND NOT coalesce(json_extract(record, '$.discarded'), 0) ORDER BY number",
    )?;
    let mut found = Vec::new();
    for job in jobs {
        let (id, model, state) = job?;
        let state: JobState = serde_json::from_value(serde_json::Value::String(state))?;
        let mut rows = pictures.query([&id])?;
        let mut blobs = Vec::new();
        while let Some(row) = rows.next()? {
            let blob: String = row.get(0)?;
            blobs.push(serde_json::from_value(serde_json::Value::String(blob))?);
        }
        found.push(JobRow { id, model, state, pictures: blobs });
    }
    Ok(found)
}

/// The transform that made an artifact: its id is its job's and its place in the row.
fn transform_of(connection: &Connection, artifact: &str) -> Stored<Option<String>> {
    let Some((job, _)) = artifact.rsplit_once('.') else { return Ok(None) };
    Ok(connection
        .prepare_cached("SELECT transform FROM jobs WHERE id = ?1")?
        .query_row([job], |row| row.get(0))
        .optional()?)
}

fn lineage(connection: &Connection, id: &str) -> Stored<Lineage> {
    // There is such a transform, or this says that there is none.
    let mut root = super::transforms::load(connection, id)?.id;
    let mut seen = HashSet::from([root.clone()]);
    while let Some(parent) = row(connection, &root)?.parent_transform {
        if !seen.insert(parent.clone()) {
            break;
        }
        root = parent;
    }
    let mut family = vec![root];
    let mut next = 0;
    while next < family.len() && family.len() < MAX_FAMILY {
        for child in children(connection, &family[next])? {
            if !family.contains(&child) && family.len() < MAX_FAMILY {
                family.push(child);
            }
        }
        next += 1;
    }
    // Ids sort by time.
    family.sort();
    Ok(Lineage { rows: family.iter().map(|id| row(connection, id)).collect::<Stored<_>>()? })
}

fn children(connection: &Connection, transform: &str) -> Stored<Vec<String>> {
    // `/` comes right after `.`: what begins with a job's id and a dot.
    let mut statement = connection.prepare_cached(
        "SELECT transforms.id FROM jobs JOIN transforms ON parent >= jobs.id || '.' AND parent < jobs.id || '/'
        WHERE jobs.transform = ?1 ORDER BY transforms.id",
    )?;
    let rows = statement.query_map([transform], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
