-- A leg takes a place in a queue that holds a limited number of them.
--
-- KEYS  common.lua, then  1 the limited queue's sorted set
-- ARGV  common.lua, then  1 max    places that the queue may hold
-- Returns  common.lua, and
--          {FULL, n}               the queue already holds n >= max places

local refused = check()
if refused then return refused end
local places = redis.call('ZCARD', KEYS[K_OWN + 1])
if not force and places >= tonumber(ARGV[A_OWN + 1]) then return {'FULL', tostring(places)} end
return write()
