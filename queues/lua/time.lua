-- Reads Redis's clock and what the site keeps out of it (clock.go).
--
-- KEYS  1 meta
-- ARGV  1 what is to be kept from now on (ms); none changes nothing
-- Returns  {now (us), kept (ms)}

if ARGV[1] and redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'kept', ARGV[1]) end
local t = redis.call('TIME')
return {t[1] .. string.format('%06d', tonumber(t[2])), redis.call('HGET', KEYS[1], 'kept') or '0'}
