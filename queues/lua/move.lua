-- One legal move of the given entities, with what it counts.
--
-- KEYS, ARGV and returns: common.lua; nothing of its own.

return check() or write()
