mod json;
mod msgpack;

use super::*;
