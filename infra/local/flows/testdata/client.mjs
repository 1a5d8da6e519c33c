// Node's nodemailer as a client: JSON in on standard input. It is one of the web's packages.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const nodemailer = createRequire(new URL('../../../../web/package.json', import.meta.url))('nodemailer')
const m = JSON.parse(readFileSync(0, 'utf8'))
const [host, port] = m.server.split(':')
await nodemailer.createTransport({ host, port: Number(port), secure: false, ignoreTLS: true }).sendMail({
  from: { name: m.name, address: m.from },
  to: m.to,
  cc: m.cc,
  subject: m.subject,
  inReplyTo: m.inReplyTo || undefined,
  references: m.references || undefined,
  text: m.text,
  html: `<p>${m.text}</p>`,
  attachments: [{ path: m.file }],
})
