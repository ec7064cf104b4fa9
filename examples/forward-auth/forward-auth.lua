-- Asks tollgate whether a request may pass, as nginx's auth_request does.
local TOLLGATE = "http://127.0.0.1:8080"

-- Headers of the visitor that tollgate looks at. Not the others: some of them are about the connection or the body.
local SENT = {
    "accept", "authorization", "cookie", "origin", "purpose", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site",
    "sec-purpose", "user-agent", "x-forwarded-for",
}
-- What the application is told. tollgate may leave some of them out.
local TOLD = { "x-tollgate-user-id", "x-tollgate-username", "x-tollgate-role", "x-tollgate-subscribed" }
-- What a refusal tells the browser.
local PASSED_ON = { "cache-control", "content-type", "location", "retry-after", "set-cookie", "x-tollgate-code" }

local function first(headers, name)
    return headers[name] and headers[name][0]
end

local function ask(txn, condition)
    local received, sent = txn.http:req_get_headers(), {}
    for _, name in ipairs(SENT) do
        if received[name] then
            sent[name] = {}
            for i = 0, #received[name] do
                table.insert(sent[name], received[name][i])
            end
        end
    end
    sent["host"] = { first(received, "host") or "" }
    sent["x-forwarded-method"] = { txn.f:method() }
    sent["x-forwarded-uri"] = { txn.f:pathq() }
    -- Visitors wait for the answer. HAProxy asks up to four times, and each may take this many milliseconds.
    return core.httpclient():get({ url = TOLLGATE .. "/forward-auth?" .. condition, headers = sent, timeout = 2000 })
end

local function refuse(txn, answer)
    local reply = txn:reply({ status = answer.status, body = answer.body })
    for _, name in ipairs(PASSED_ON) do
        if first(answer.headers, name) then
            reply:add_header(name, first(answer.headers, name))
        end
    end
    txn:done(reply)
end

core.register_action("tollgate", { "http-req" }, function(txn, condition)
    local answer = ask(txn, condition)
    local code = first(answer.headers or {}, "x-tollgate-code")
    txn:set_var("txn.tollgate_asked", true)
    if first(answer.headers or {}, "set-cookie") then
        txn:set_var("txn.tollgate_cookie", first(answer.headers, "set-cookie"))
    end
    if answer.status == 204 then
        txn:set_var("txn.tollgate_access", first(answer.headers, "x-tollgate-access") or "")
        for _, name in ipairs(TOLD) do
            if first(answer.headers, name) then
                txn.http:req_set_header(name, first(answer.headers, name))
            end
        end
    elseif code == "subscription_required" then
        -- The configuration shows a page instead.
        txn:set_var("txn.tollgate_code", code)
    elseif answer.headers and answer.status >= 300 and answer.status < 500 then
        refuse(txn, answer)
    else
        -- No answer, or none from its database. The configuration has a page for it.
        txn:set_var("txn.tollgate_unavailable", true)
    end
end, 1)
