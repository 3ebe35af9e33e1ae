-- +goose Up

-- What callers answered after their conversation, one row a leg; csat 0 and nps -1: not answered.
CREATE TABLE surveys (
    leg      TEXT PRIMARY KEY,
    contact  TEXT NOT NULL,
    entry    TEXT NOT NULL,
    queue    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    lang     TEXT NOT NULL,
    ended_ms BIGINT NOT NULL,
    csat     BIGINT NOT NULL,
    nps      BIGINT NOT NULL,
    comment  TEXT NOT NULL
);
CREATE INDEX surveys_by_end ON surveys (ended_ms, leg);
CREATE INDEX surveys_by_contact ON surveys (contact);

-- Who heard or read what a caller said, and what of it was erased. Each row carries the hash of the one
-- before. Nothing is ever changed here; rows go from the beginning, when they are old.
CREATE TABLE audit (
    seq       BIGINT PRIMARY KEY,
    at_ms     BIGINT NOT NULL,
    who       TEXT NOT NULL,
    what      TEXT NOT NULL,
    task      TEXT NOT NULL,
    contact   TEXT NOT NULL,
    recording TEXT NOT NULL,
    prev      BYTEA NOT NULL,
    hash      BYTEA NOT NULL
);

-- +goose Down
DROP TABLE audit;
DROP TABLE surveys;
