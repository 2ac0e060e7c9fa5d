//! The matches of a profile, as its owner may see them.

use serde_json::Value;
use time::OffsetDateTime;

use super::row::{TagRow, VisibleProfile, Words, words};
use crate::clock::us_to_time;
use crate::db::fetch_all;
use crate::{Error, Page, Result, Store, TrackId, UserId};

/// A match of a profile, seen from its owner.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileMatch {
    /// The other person, as far as they show themselves.
    pub profile: VisibleProfile,
    /// 0 to 1.
    pub score: f64,
    /// What the owner reads of it.
    pub view: Value,
    /// The owner's track that is most like one of the other's.
    pub own_track: Option<MatchedTrack>,
    /// The other's track, while it is listed.
    pub other_track: Option<MatchedTrack>,
    /// What the owner answered.
    pub answer: Option<String>,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
    /// When the two were first scored.
    pub first_scored_at: OffsetDateTime,
    /// When the score or what is said of it last changed.
    pub scored_at: OffsetDateTime,
    /// Counts these changes.
    pub version: i64,
}

/// A track that a match names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedTrack {
    /// The track.
    pub id: TrackId,
    /// Its title.
    pub title: Option<String>,
    /// Its artist.
    pub artist: Option<String>,
}

/// Where a page begins: after the match with this score and this other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchCursor {
    /// Its score.
    pub score: f64,
    /// The other.
    pub other_id: UserId,
}

#[derive(sqlx::FromRow)]
struct Row {
    other_id: UserId,
    name: Option<String>,
    score: f64,
    view: String,
    own_id: Option<TrackId>,
    own_title: Option<String>,
    own_artist: Option<String>,
    track_id: Option<TrackId>,
    title: Option<String>,
    artist: Option<String>,
    answer: Option<String>,
    descriptor_version: i64,
    weights_version: i64,
    first_scored_at_us: i64,
    scored_at_us: i64,
    version: i64,
}

/// The best matches of a user's profile, best first.
///
/// Left out are people who do not take part any more, who have been answered (`later` until `later_us` ago) and who have declined.
/// A track is named only while it is listed.
///
/// # Errors
///
/// When the database fails.
pub async fn matches(
    store: &Store,
    user: UserId,
    after: Option<MatchCursor>,
    later_us: i64,
    limit: u32,
) -> Result<Page<ProfileMatch>> {
    let due_us = store.now_us().saturating_sub(later_us);
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select h.other_id, p.name, h.score, case when m.a_id = $1 then m.a_view else m.b_view end as view,
                own.id as own_id, own.title as own_title, own.artist as own_artist,
                theirs.id as track_id, theirs.title, theirs.artist, a.answer, m.descriptor_version, m.weights_version,
                m.first_scored_at_us, m.scored_at_us, m.version
         from profile_heads h
         join profiles me on me.user_id = h.user_id and me.discoverable
         join profiles p on p.user_id = h.other_id and p.discoverable
         join profile_matches m on m.a_id = case when h.user_id < h.other_id then h.user_id else h.other_id end
                               and m.b_id = case when h.user_id < h.other_id then h.other_id else h.user_id end
         left join tracks own on own.id = case when m.a_id = $1 then m.a_track_id else m.b_track_id end
                             and own.owner_id = $1 and own.visibility = 'listed'
         left join tracks theirs on theirs.id = case when m.a_id = $1 then m.b_track_id else m.a_track_id end
                                and theirs.owner_id = h.other_id and theirs.visibility = 'listed'
         left join profile_answers a on a.user_id = $1 and a.other_id = h.other_id
         where h.user_id = $1
           and (a.answer is null or (a.answer = 'later' and a.answered_at_us <= $2))
           and not exists (select 1 from profile_answers o
                           where o.user_id = h.other_id and o.other_id = $1 and o.answer = 'decline')
           and ($3 is null or h.score < $3 or (h.score = $3 and h.other_id > $4))
         order by h.score desc, h.other_id limit $5",
        user,
        due_us,
        after.map(|cursor| cursor.score),
        after.map(|cursor| cursor.other_id),
        i64::from(limit) + 1
    )?;
    let tags = fetch_all!(
        reader,
        TagRow,
        "select t.user_id, t.kind, t.tag, t.weight from profile_tags t
         join profile_heads h on h.other_id = t.user_id and h.user_id = $1 order by t.user_id, t.kind, t.tag",
        user
    )?;
    let matches = rows.into_iter().map(|row| row.seen(&tags)).collect::<Result<_>>()?;
    Ok(Page::from_one_more(matches, limit))
}

impl Row {
    fn seen(self, tags: &[TagRow]) -> Result<ProfileMatch> {
        let inconsistent = |column| Error::Inconsistent { table: "profile_matches", column };
        let version = |number, column| u32::try_from(number).map_err(|_| inconsistent(column));
        let start = tags.partition_point(|tag| tag.user_id < self.other_id);
        let end = tags.partition_point(|tag| tag.user_id <= self.other_id);
        let words = Words { dislikes: Vec::new(), ..words(&tags[start..end]) };
        Ok(ProfileMatch {
            profile: VisibleProfile { user_id: self.other_id, name: self.name, words },
            score: self.score,
            view: serde_json::from_str(&self.view).map_err(|_| inconsistent("view"))?,
            own_track: self.own_id.map(|id| MatchedTrack {
                id,
                title: self.own_title,
                artist: self.own_artist,
            }),
            other_track: self.track_id.map(|id| MatchedTrack {
                id,
                title: self.title,
                artist: self.artist,
            }),
            answer: self.answer,
            descriptor_version: version(self.descriptor_version, "descriptor_version")?,
            weights_version: version(self.weights_version, "weights_version")?,
            first_scored_at: us_to_time(self.first_scored_at_us),
            scored_at: us_to_time(self.scored_at_us),
            version: self.version,
        })
    }
}
