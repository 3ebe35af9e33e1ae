-- Names the data set when it has no name yet, and proves that Redis takes writes.
--
-- KEYS  1 meta
-- ARGV  1 gen proposed for an empty data set
-- Returns  {gen, seq, now (us), kept (ms)}

local t = redis.call('TIME')
redis.call('HSETNX', KEYS[1], 'gen', ARGV[1])
redis.call('HSET', KEYS[1], 'seen', t[1] .. '000')
return {redis.call('HGET', KEYS[1], 'gen'), redis.call('HGET', KEYS[1], 'seq') or '0',
  t[1] .. string.format('%06d', tonumber(t[2])), redis.call('HGET', KEYS[1], 'kept') or '0'}
