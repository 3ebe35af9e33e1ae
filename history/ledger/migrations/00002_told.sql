-- +goose Up

-- The revision of a task that the log was told of: while it is lower than rev there is news.
ALTER TABLE tasks ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE tasks SET told = rev;
CREATE INDEX tasks_untold ON tasks (id) WHERE told < rev;

-- +goose Down
DROP INDEX tasks_untold;
ALTER TABLE tasks DROP COLUMN told;
