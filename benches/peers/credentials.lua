-- Sends credentials of user 1, 2, 3 and so on.
-- Arguments: the start of the names, and the number of users, after which it begins again.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

local threads = 0
local prefix, users, turn

function setup(thread)
    thread:set("thread", threads)
    threads = threads + 1
end

function init(args)
    prefix, users, turn = args[1], tonumber(args[2]), thread
end

-- wrk has two threads: one sends the odd numbers, the other the even ones.
function request()
    local number = turn % users + 1
    turn = turn + 2
    local body = string.format('{"username":"%s%d","password":"four sneaky newts"}', prefix, number)
    return wrk.format(nil, nil, nil, body)
end
