-- Shared beginning of the scripts that write a change: move, enqueue, claim, end.
-- It is put before each of them; alone it does nothing. Nothing is written before every check passed.
--
-- KEYS  1 meta  2 log  3 count  4 lead  5..8 ids of legs, agents, phones, closures
--       then, as many as ARGV says: written entities, read entities, queues of the places,
--       personal hashes to write, personal hashes to erase; then keys of the script's own
-- ARGV  1 gen                     data set the caller means
--       2 op                      id of this operation; a repeat carries the same
--       3 header                  JSON of the entry without gen, seq and images
--       4 force                   1: revisions are not compared, only raised (facts win)
--       5 ended_ttl   ms          life of an ended leg's hash
--       6 personal_ttl ms         life of personal fields at most
--       7 erase_ttl   ms          life of personal fields once their contact has ended
--       8..14                     numbers of writes, reads, places, counts, dues, personals, erasures
--       then  writes:    type (1..4), id, before, before_op, rev, state, due (ms), from (",a,b," or ""), img
--             reads:     before, before_op
--             places:    leg, score (ms), remove (1 or 0)
--             counts:    field, n
--             dues:      deadline (ms)
--             personals: number, name, note
--       then the script's own
-- Returns  {OK, id, seq}            written; the entry's id and number
--          {AGAIN, id, seq}         this very operation was written before
--          {GEN, gen}               another data set, or none ("")
--          {CONFLICT, (n, rev, op, img)...}  n-th entity (writes, then reads) is not as the caller thought
--          {FROM, n, state}         n-th entity's stored state does not allow the move
--          {EARLY, ms}              a deadline is still that far away

-- The caller's estimate of this clock may be that much ahead (ms).
local TOLERANCE = 50
local NAMES = {'leg:', 'agent:', 'phone:', 'closure:'}

local gen, op, header, force = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local ended_ttl, personal_ttl, erase_ttl = ARGV[5], ARGV[6], ARGV[7]
local nw, nr, np, nc, nd, nn, ne = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]),
  tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local K_WRITE, K_READ = 8, 8 + nw
local K_PLACE = K_READ + nr
local K_PERSONAL = K_PLACE + np
local K_ERASE = K_PERSONAL + nn
local K_OWN = K_ERASE + ne
local A_WRITE = 14
local A_READ = A_WRITE + 9 * nw
local A_PLACE = A_READ + 2 * nr
local A_COUNT = A_PLACE + 3 * np
local A_DUE = A_COUNT + 2 * nc
local A_PERSONAL = A_DUE + nd
local A_OWN = A_PERSONAL + 3 * nn

-- The site's time: this clock without its leaps (clock.go).
local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000) + tonumber(redis.call('HGET', KEYS[1], 'kept') or '0')
end

local function check()
  local stored = redis.call('HGET', KEYS[1], 'gen')
  if stored ~= gen then return {'GEN', stored or ''} end
  local conflict = {'CONFLICT'}
  local states = {}
  for i = 1, nw + nr do
    local h = redis.call('HMGET', KEYS[K_WRITE + i], 'rev', 'op', 'state')
    local rev, by = h[1] or '0', h[2] or ''
    local before, before_op
    if i <= nw then
      local a = A_WRITE + 9 * (i - 1)
      if by == op then
        local e = redis.call('HMGET', KEYS[K_WRITE + i], 'id', 'seq')
        return {'AGAIN', e[1], e[2]}
      end
      before, before_op = ARGV[a + 3], ARGV[a + 4]
      if force then
        if tonumber(rev) < tonumber(ARGV[a + 5]) then before, before_op = rev, by end
      end
      states[i] = h[3] or ''
    else
      local a = A_READ + 2 * (i - nw - 1)
      before, before_op = ARGV[a + 1], ARGV[a + 2]
      if force then before, before_op = rev, by end
    end
    if rev ~= before or by ~= before_op then
      conflict[#conflict + 1] = tostring(i)
      conflict[#conflict + 1] = rev
      conflict[#conflict + 1] = by
      conflict[#conflict + 1] = redis.call('HGET', KEYS[K_WRITE + i], 'img') or ''
    end
  end
  if #conflict > 1 then return conflict end
  if not force then
    for i = 1, nw do
      local a = A_WRITE + 9 * (i - 1)
      local from = ARGV[a + 8]
      if from ~= '' and ARGV[a + 3] ~= '0' and not string.find(from, ',' .. states[i] .. ',', 1, true) then
        return {'FROM', tostring(i), states[i]}
      end
    end
    if nd > 0 then
      local now = now_ms()
      for i = 1, nd do
        local early = tonumber(ARGV[A_DUE + i]) - now
        if early > TOLERANCE then return {'EARLY', tostring(early)} end
      end
    end
  end
  return nil
end

local function write()
  local seq = tostring(redis.call('HINCRBY', KEYS[1], 'seq', 1))
  local entry = {KEYS[2], '*', 'g', gen, 's', seq, 'e', header}
  for i = 1, nw do
    local a = A_WRITE + 9 * (i - 1)
    entry[#entry + 1] = NAMES[tonumber(ARGV[a + 1])] .. ARGV[a + 2]
    entry[#entry + 1] = ARGV[a + 9]
  end
  local id = redis.call('XADD', unpack(entry))
  for i = 1, nw do
    local a = A_WRITE + 9 * (i - 1)
    local key, index, state = KEYS[K_WRITE + i], KEYS[4 + tonumber(ARGV[a + 1])], ARGV[a + 6]
    redis.call('HSET', key, 'rev', ARGV[a + 5], 'op', op, 'state', state, 'due', ARGV[a + 7],
      'img', ARGV[a + 9], 'id', id, 'seq', seq)
    if state == 'ended' then
      redis.call('SREM', index, ARGV[a + 2])
      redis.call('PEXPIRE', key, ended_ttl)
    elseif force or ARGV[a + 3] == '0' then -- else it is there since its first revision
      redis.call('SADD', index, ARGV[a + 2])
    end
  end
  for i = 1, np do
    local a = A_PLACE + 3 * (i - 1)
    if ARGV[a + 3] == '1' then
      redis.call('ZREM', KEYS[K_PLACE + i], ARGV[a + 1])
    else
      redis.call('ZADD', KEYS[K_PLACE + i], ARGV[a + 2], ARGV[a + 1])
    end
  end
  for i = 1, nc do
    local a = A_COUNT + 2 * (i - 1)
    redis.call('HINCRBY', KEYS[3], ARGV[a + 1], ARGV[a + 2])
  end
  for i = 1, nn do
    local a = A_PERSONAL + 3 * (i - 1)
    redis.call('HSET', KEYS[K_PERSONAL + i], 'number', ARGV[a + 1], 'name', ARGV[a + 2], 'note', ARGV[a + 3])
    redis.call('PEXPIRE', KEYS[K_PERSONAL + i], personal_ttl)
  end
  for i = 1, ne do
    redis.call('PEXPIRE', KEYS[K_ERASE + i], erase_ttl)
  end
  return {'OK', id, seq}
end
