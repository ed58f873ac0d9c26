//! Who is who, in names that are safe to print and that nobody else has.

use std::collections::{BTreeMap, BTreeSet};

use snug_protocol::ClientId;
use unicode_width::UnicodeWidthStr;

use crate::{
    harmless::harmless,
    style::{Ink, Line, fitting},
};

/// The members of a room, as they are called on this terminal.
///
/// Two people of one name, and whoever has in their name what sets names apart here, are told apart
/// by the start of their client ids.
#[derive(Debug)]
pub(crate) struct People {
    me: ClientId,
    /// Harmless and short; empty for guests.
    names: BTreeMap<ClientId, String>,
    /// Names that more than one has.
    ambiguous: BTreeSet<String>,
}

/// Columns of a name. The wire allows 64 bytes.
const NAME_COLUMNS: usize = 24;

/// What stands around names here. Whoever has it in their name may pretend to be someone else who
/// says something.
const MARKS: [char; 4] = ['#', ':', '·', '→'];

/// Characters of a short id, unless two begin alike.
const TAG_CHARS: usize = 4;

/// People remembered. Those who come and go under ever new ids must not fill the memory.
const PEOPLE: usize = 1024;

impl People {
    /// Knows only oneself.
    pub(crate) fn new(me: ClientId) -> Self {
        Self {
            me,
            names: BTreeMap::new(),
            ambiguous: BTreeSet::new(),
        }
    }

    /// Takes note of someone, or of someone's new name. Tells whether it is new.
    pub(crate) fn set(&mut self, person: &ClientId, nickname: &str) -> bool {
        let name = shorten(&harmless(nickname));
        if self.names.get(person) == Some(&name) {
            return false;
        }
        if self.names.len() >= PEOPLE && !self.names.contains_key(person) {
            self.names.pop_first();
        }
        self.names.insert(person.clone(), name);
        self.count_names();
        true
    }

    /// Whether someone was ever heard of.
    pub(crate) fn knows(&self, person: &ClientId) -> bool {
        self.names.contains_key(person)
    }

    /// What to call someone.
    pub(crate) fn name(&self, person: &ClientId) -> String {
        if *person == self.me {
            return "you".to_owned();
        }
        let tag = self.tag(person);
        let base = self.base(person);
        if self.ambiguous.contains(&fold(&base)) || base.contains(MARKS) {
            return format!("{base}#{tag}");
        }
        base
    }

    /// What to call someone, in their colour.
    pub(crate) fn line(&self, person: &ClientId) -> Line {
        Line::new().with(self.ink(person), self.name(person))
    }

    fn ink(&self, person: &ClientId) -> Ink {
        if *person == self.me {
            return Ink::Bold;
        }
        let sum = person.as_str().bytes().fold(0_u8, u8::wrapping_add);
        Ink::Person(sum % Ink::PEOPLE)
    }

    /// The name alone, or a made-up one.
    fn base(&self, person: &ClientId) -> String {
        match self.names.get(person) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("guest-{}", self.tag(person)),
        }
    }

    /// The shortest start of an id that nobody else's has.
    fn tag<'a>(&self, person: &'a ClientId) -> &'a str {
        let id = person.as_str();
        let others = || self.names.keys().filter(|other| *other != person);
        let distinct = |len: &usize| {
            let tag = &id[..*len];
            !others().any(|other| other.as_str().starts_with(tag))
        };
        let len = (TAG_CHARS.min(id.len())..=id.len()).find(distinct);
        &id[..len.unwrap_or(id.len())]
    }

    fn count_names(&mut self) {
        let mut seen = BTreeSet::from([fold("you")]);
        self.ambiguous = self
            .names
            .keys()
            .map(|person| fold(&self.base(person)))
            .filter(|name| !seen.insert(name.clone()))
            .collect();
    }
}

/// What two names have in common that look the same at a glance.
fn fold(name: &str) -> String {
    name.to_lowercase()
}

fn shorten(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    if name.width() <= NAME_COLUMNS {
        return name;
    }
    format!("{}…", fitting(&name, NAME_COLUMNS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClientId {
        text.parse().unwrap()
    }

    fn people(named: &[(&str, &str)]) -> People {
        let mut people = People::new(id("me"));
        for (person, name) in named {
            people.set(&id(person), name);
        }
        people
    }

    #[test]
    fn people_are_called_by_name() {
        let people = people(&[("a1b2c3", "Ann"), ("d4e5f6", "")]);
        assert_eq!(people.name(&id("a1b2c3")), "Ann");
        assert_eq!(people.name(&id("d4e5f6")), "guest-d4e5");
        assert_eq!(people.name(&id("unknown")), "guest-unkn");
        assert_eq!(people.name(&id("me")), "you");
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let people = people(&[
            ("a1b2c3", "Ann"),
            ("d4e5f6", " ANN\u{200b} "),
            ("g7", "You"),
            ("x1", "Ann#a1b2"),
        ]);
        assert_eq!(people.name(&id("a1b2c3")), "Ann#a1b2");
        assert_eq!(people.name(&id("d4e5f6")), "ANN#d4e5");
        assert_eq!(people.name(&id("g7")), "You#g7");
        assert_eq!(people.name(&id("x1")), "Ann#a1b2#x1");
    }

    #[test]
    fn ids_that_begin_alike_are_shown_further() {
        let people = people(&[("abcdef1", "Ann"), ("abcdef2", "Ann")]);
        assert_eq!(people.name(&id("abcdef1")), "Ann#abcdef1");
        assert_eq!(people.name(&id("abcdef2")), "Ann#abcdef2");
    }

    #[test]
    fn names_are_short_and_harmless() {
        let people = people(&[
            ("a", "\x1b[31mred\nBob: hi"),
            ("b", &"x".repeat(64)),
            ("c", "\u{202e}\u{200b}"),
        ]);
        assert_eq!(people.name(&id("a")), "␛[31mred Bob: hi#a");
        assert_eq!(people.name(&id("b")).width(), NAME_COLUMNS);
        assert_eq!(people.name(&id("c")), "guest-c");
    }

    #[test]
    fn ever_new_people_are_forgotten() {
        let mut people = people(&[]);
        for number in 0..2 * PEOPLE {
            people.set(&id(&format!("p{number}")), "x");
        }
        assert_eq!(people.names.len(), PEOPLE);
    }
}
