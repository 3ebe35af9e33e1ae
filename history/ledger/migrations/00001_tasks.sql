-- Written so that SQLite and PostgreSQL both read it. Instants are Unix milliseconds; 0 is never.

-- +goose Up

-- What is owed to someone: the image of acd.Task, and apart from it who it is owed to, sealed.
CREATE TABLE tasks (
    id        TEXT PRIMARY KEY,
    rev       BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    state     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    contact   TEXT NOT NULL,
    leg       TEXT NOT NULL,
    entry     TEXT NOT NULL,
    queue     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    lang      TEXT NOT NULL,
    since_ms  BIGINT NOT NULL,
    last_ms   BIGINT NOT NULL,
    asked     BIGINT NOT NULL,
    due_ms    BIGINT NOT NULL,
    until_ms  BIGINT NOT NULL,
    owner_id  TEXT NOT NULL,
    attempts  TEXT NOT NULL,
    ended_ms  BIGINT NOT NULL,
    result    TEXT NOT NULL,
    recording TEXT NOT NULL,
    person    BYTEA,
    key_id    TEXT NOT NULL,
    sealed    BYTEA
);
CREATE INDEX tasks_by_age ON tasks (since_ms, id);
CREATE INDEX tasks_by_state ON tasks (state, since_ms, id);
CREATE INDEX tasks_by_person ON tasks (person);
CREATE INDEX tasks_by_end ON tasks (ended_ms);

-- Which task a leg of the log was counted in: no leg is counted twice.
CREATE TABLE task_legs (
    leg   TEXT PRIMARY KEY,
    task  TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX task_legs_by_task ON task_legs (task);

-- Who did what to a task, and who read whom it is owed to. Nothing is ever changed here.
CREATE TABLE task_steps (
    id      TEXT PRIMARY KEY,
    task    TEXT NOT NULL,
    rev     BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    request TEXT UNIQUE
);
CREATE INDEX task_steps_by_task ON task_steps (task, rev, at_ms);

-- How far each reader has folded the log.
CREATE TABLE cursors (
    name  TEXT PRIMARY KEY,
    gen   TEXT NOT NULL,
    entry TEXT NOT NULL,
    seq   BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- Which keys have sealed something here, by an id that tells nothing of them.
CREATE TABLE sealing_keys (
    id       TEXT PRIMARY KEY,
    since_ms BIGINT NOT NULL
);

-- +goose Down
DROP TABLE sealing_keys;
DROP TABLE cursors;
DROP TABLE task_steps;
DROP TABLE task_legs;
DROP TABLE tasks;
