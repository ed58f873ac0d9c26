//! A peer that breaks the rules gains nothing and harms nobody.

mod binding;
mod chat;
mod claims;
mod crowds;
mod descriptions;
mod disowned;
mod files;
mod floods;
mod greeting;
mod history;
mod keys;
mod member;
mod seals;
mod second;
mod sources;
mod stranger;
mod victim;
