-- Drops the oldest entries of the log.
--
-- KEYS  1 meta  2 log
-- ARGV  1 gen  2 lowest id to keep
-- Returns  {OK, n}       n entries dropped
--          {GEN, gen}    another data set, or none ("")

local stored = redis.call('HGET', KEYS[1], 'gen')
if stored ~= ARGV[1] then return {'GEN', stored or ''} end
return {'OK', tostring(redis.call('XTRIM', KEYS[2], 'MINID', ARGV[2]))}
