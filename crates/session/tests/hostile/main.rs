//! A peer that breaks the rules gains nothing and harms nobody.

mod chat;
mod descriptions;
mod files;
mod greeting;
mod keys;
mod victim;
