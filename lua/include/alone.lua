--[[ alone: how a call that is not in a group begins, once its arguments are right. Needs arguments and log. Returns a reply to give at once, or nothing. ]]
local function start(key_count)
  check_keys(key_count)
  return open()
end
