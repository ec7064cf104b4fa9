-- Requests are built once, and only handed out while the clock runs. Each reader reads a different post.
-- Arguments: the file with a cookie per line, and the number of posts.
local requests, turn = {}, 0

function init(args)
    for cookie in io.lines(args[1]) do
        local path = wrk.path:gsub("^/blog/1$", "/blog/" .. #requests % tonumber(args[2]) + 1)
        requests[#requests + 1] = wrk.format("GET", path, { ["Host"] = wrk.host, ["Cookie"] = cookie })
    end
    turn = math.random(#requests)
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end
