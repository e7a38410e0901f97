// One scenario of the real Phoenix client against the server whose address is
// given: node judge.mjs SCENARIO ws://127.0.0.1:PORT/socket
// It prints nothing and exits with 0 when the client saw what it should.
import assert from "node:assert/strict"
import {createRequire} from "node:module"
import {readFileSync} from "node:fs"
import path from "node:path"

// The packages may have been installed elsewhere.
const modules = process.env.PLANGA_TEST_NODE_MODULES ?? path.join(import.meta.dirname, "node_modules")
const require = createRequire(path.join(modules, "judge.cjs"))
const {Socket, Presence, LongPoll, Serializer} = require(path.join(modules, "phoenix"))
const {WebSocket} = require(path.join(modules, "ws"))

const [scenario, url] = process.argv.slice(2)

const connect = (options = {}) => {
  const socket = new Socket(url, {transport: WebSocket, timeout: 5000, ...options})
  socket.connect()
  return socket
}

// answer waits for the reply to a push or join: [status, response].
const answer = push => new Promise(resolve => {
  for (const status of ["ok", "error", "timeout"]) {
    push.receive(status, response => resolve([status, response]))
  }
})

// next waits for an event on a channel.
const next = (channel, event) => new Promise(resolve => {
  const ref = channel.on(event, payload => {
    channel.off(event, ref)
    resolve(payload)
  })
})

const until = async (what, condition) => {
  const deadline = Date.now() + 8000
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const enter = async (socket, topic, params = {}) => {
  const channel = socket.channel(topic, params)
  assert.deepEqual(await answer(channel.join()), ["ok", params])
  return channel
}

// chat is the same story over any transport and serializer.
const chat = async options => {
  const ann = await enter(connect(options), "room:lobby", {name: "ann"})
  const bob = await enter(connect(options), "room:lobby", {name: "bob"})
  assert.deepEqual(await answer(ann.push("echo", {a: ["é", "😀", "<&>"]})), ["ok", {a: ["é", "😀", "<&>"]}])
  assert.deepEqual(await answer(ann.push("refuse", {})), ["error", {reason: "not today"}])
  const heard = [next(ann, "shouted"), next(bob, "shouted")]
  assert.deepEqual(await answer(ann.push("shout", {body: "hi"})), ["ok", {}])
  assert.deepEqual(await Promise.all(heard), [{body: "hi"}, {body: "hi"}])
  assert.deepEqual(await answer(bob.leave()), ["ok", {}])
}

const bytesOf = base64 => Uint8Array.from(Buffer.from(base64, "base64"))
const once = run => new Promise(resolve => run(resolve))

const scenarios = {
  async "golden frames"() {
    const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, "..", "frames.json")))
    const v2 = frames => frames.filter(frame => frame.vsn === "2.0.0")
    for (const {name, frame, frame_base64, payload_base64, message} of v2(golden.to_server)) {
      const payload = frame_base64 ? bytesOf(payload_base64).buffer : message.payload
      const encoded = await once(done => Serializer.encode({...message, payload}, done))
      if (frame_base64) assert.deepEqual(new Uint8Array(encoded), bytesOf(frame_base64), name)
      else assert.deepEqual(JSON.parse(encoded), JSON.parse(frame), name)
    }
    for (const {name, frame, frame_base64, payload_base64, message} of v2(golden.to_client)) {
      const decoded = await once(done => Serializer.decode(frame ?? bytesOf(frame_base64).buffer, done))
      if (frame_base64) {
        const data = decoded.payload.response ?? decoded.payload
        assert.deepEqual(new Uint8Array(data), bytesOf(payload_base64), name)
        delete decoded.payload
      }
      assert.deepEqual(decoded, message, name)
    }
  },

  "join, push, reply, broadcast, leave": () => chat({}),

  "a V1 client": () => chat({
    vsn: "1.0.0",
    encode: (message, callback) => callback(JSON.stringify(message)),
    decode: (text, callback) => callback({join_ref: null, ...JSON.parse(text)}),
  }),

  "long-poll": () => chat({transport: LongPoll}),

  async "a topic that is refused"() {
    const channel = connect().channel("private:x", {})
    assert.deepEqual(await answer(channel.join()), ["error", {reason: "unmatched topic"}])
  },

  async "binary payloads"() {
    const ann = await enter(connect(), "room:lobby")
    const bytes = Uint8Array.from([0, 1, 255]).buffer
    const [status, response] = await answer(ann.push("echo", bytes))
    assert.equal(status, "ok")
    assert.deepEqual(new Uint8Array(response), new Uint8Array(bytes))
    const heard = next(ann, "shouted")
    ann.push("shout", bytes)
    assert.deepEqual(new Uint8Array(await heard), new Uint8Array(bytes))
  },

  async "an authToken reaches the server over both transports"() {
    for (const transport of [WebSocket, LongPoll]) {
      const socket = connect({transport, authToken: "to>ken.with-dots_~"})
      const channel = socket.channel("room:token", {})
      assert.deepEqual(await answer(channel.join()), ["ok", {token: "to>ken.with-dots_~"}])
    }
  },

  async "a crashed channel is joined again"() {
    const channel = await enter(connect({rejoinAfterMs: () => 10}), "room:lobby")
    const errored = new Promise(resolve => channel.onError(resolve))
    channel.push("crash", {})
    await errored
    await until("rejoin", () => channel.state === "joined")
    assert.deepEqual(await answer(channel.push("echo", {n: 1})), ["ok", {n: 1}])
  },

  async "a channel that the server closes stays closed"() {
    const channel = await enter(connect(), "room:lobby")
    const closed = new Promise(resolve => channel.onClose(resolve))
    channel.push("close", {})
    await closed
    assert.equal(channel.state, "closed")
  },

  async "presence"() {
    const names = presence => presence.list(id => id).sort().join()
    const join = async name => {
      const channel = connect().channel("room:presence", {name})
      const presence = new Presence(channel)
      assert.equal((await answer(channel.join()))[0], "ok")
      return {channel, presence}
    }
    const ann = await join("ann")
    const bob = await join("bob")
    for (const {presence} of [ann, bob]) {
      await until("both are there", () => names(presence) === "ann,bob")
    }
    bob.channel.leave()
    await until("bob is gone", () => names(ann.presence) === "ann")
  },

  async "reconnect after a restart (1012)"() {
    const socket = connect({reconnectAfterMs: () => 20, rejoinAfterMs: () => 20})
    const channel = await enter(socket, "room:lobby")
    const closed = new Promise(resolve => socket.onClose(resolve))
    channel.push("restart", {})
    assert.equal((await closed).code, 1012)
    await until("rejoin", () => channel.state === "joined")
    assert.deepEqual(await answer(channel.push("echo", {n: 1})), ["ok", {n: 1}])
  },

  async "long-poll comes back after a restart"() {
    const socket = connect({transport: LongPoll, reconnectAfterMs: () => 20, rejoinAfterMs: () => 20})
    const channel = await enter(socket, "room:lobby")
    const closed = new Promise(resolve => socket.onClose(resolve))
    channel.push("restart", {})
    await closed
    await until("rejoin", () => channel.state === "joined")
    assert.deepEqual(await answer(channel.push("echo", {n: 1})), ["ok", {n: 1}])
  },

  async "fallback from WebSocket to long-poll"() {
    const socket = new Socket(url, {transport: WebSocket, longPollFallbackMs: 500, timeout: 5000})
    socket.connect()
    const channel = await enter(socket, "room:lobby")
    assert.equal(socket.transport, LongPoll)
    assert.deepEqual(await answer(channel.push("echo", {n: 1})), ["ok", {n: 1}])
  },

  async "heartbeats keep a connection that says nothing else"() {
    const socket = connect({heartbeatIntervalMs: 100})
    const channel = await enter(socket, "room:lobby")
    let closes = 0
    socket.onClose(() => closes++)
    await new Promise(resolve => setTimeout(resolve, 3000)) // the server's timeout is 1.5 s
    assert.equal(closes, 0)
    assert.deepEqual(await answer(channel.push("echo", {n: 1})), ["ok", {n: 1}])
  },
}

if (!scenarios[scenario]) {
  console.log(Object.keys(scenarios).join("\n"))
  process.exit(scenario === "list" ? 0 : 2)
}
try {
  await scenarios[scenario]()
  process.exit(0)
} catch (error) {
  console.error(error)
  process.exit(1)
}
