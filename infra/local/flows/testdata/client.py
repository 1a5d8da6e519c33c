"""Python's own email package as a client: `send` writes a mail and hands it over, `write` writes mails in all of its ways (shared/email reads
them), `read` says what it sees in mails, `thread` what a mail client makes of a mailbox (Jamie Zawinski's algorithm, https://www.jwz.org/doc/threading.html, without its guess by subject).
JSON in on standard input, JSON out on standard output."""
import base64, email, email.policy, hashlib, json, mailbox, mimetypes, os, re, smtplib, sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid


def send(m):
    mail = EmailMessage()
    mail["From"] = Address(m["name"], addr_spec=m["from"])
    mail["To"] = ", ".join(m["to"])
    if m["cc"]:
        mail["Cc"] = ", ".join(m["cc"])
    mail["Subject"] = m["subject"]
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=m["from"].split("@")[1])
    if m["inReplyTo"]:
        mail["In-Reply-To"] = m["inReplyTo"]
        mail["References"] = m["references"]
    mail.set_content(m["text"])
    mail.add_alternative("<p>" + m["text"] + "</p>", subtype="html")
    kind = (mimetypes.guess_type(m["file"])[0] or "application/octet-stream").split("/")
    with open(m["file"], "rb") as f:
        mail.add_attachment(f.read(), maintype=kind[0], subtype=kind[1], filename=os.path.basename(m["file"]))
    with smtplib.SMTP(*m["server"].rsplit(":", 1)) as s:
        s.send_message(mail)


def write(m):
    policy = email.policy.SMTP if m["encoding"] != "8bit" else email.policy.SMTP.clone(cte_type="8bit")
    mail = EmailMessage(policy=policy)
    mail["From"] = Address(m["name"], addr_spec="a@x.example")
    mail["To"] = "b@x.example"
    mail["Subject"] = m["subject"]
    mail["Date"] = formatdate(1795712402)
    mail["Message-ID"] = "<1@x.example>"
    mail.set_content(m["text"], cte=m["encoding"], charset=m["charset"])
    if m["html"]:
        mail.add_alternative(m["html"], subtype="html", cte=m["encoding"], charset=m["charset"])
        if m["image"]:
            mail.get_payload()[1].add_related(base64.b64decode(m["image"]), "image", "png", cid="<pic@x.example>", filename=m["file"] or None)
    for name in m["files"]:
        mail.add_attachment(base64.b64decode(m["content"]), maintype="application", subtype="octet-stream", filename=name)
    return base64.b64encode(mail.as_bytes()).decode()


def addresses(mail, name):
    return [a.addr_spec for h in mail.get_all(name, []) for a in h.addresses]


def names(mail, name):
    return [a.display_name for h in mail.get_all(name, []) for a in h.addresses]


def shape(part):
    if part.is_multipart():
        return part.get_content_subtype() + "(" + ",".join(shape(p) for p in part.iter_parts()) + ")"
    return part.get_content_type()


def leaf(part):
    content = part.get_payload(decode=True)
    return {"type": part.get_content_type(), "disposition": part.get_content_disposition() or "", "name": part.get_filename() or "",
            "id": part.get("Content-ID", "").strip("<> "), "sha256": hashlib.sha256(content).hexdigest(),
            "text": part.get_content() if part.get_content_maintype() == "text" and not part.is_attachment() else ""}


def look(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    defects = [str(d) for part in mail.walk() for d in part.defects]
    defects += [f"{k}: {d}" for part in mail.walk() for k, v in part.items() for d in v.defects]
    return {"subject": mail["Subject"] or "", "from": addresses(mail, "From"), "fromName": names(mail, "From"), "replyTo": addresses(mail, "Reply-To"),
            "to": addresses(mail, "To"), "toName": names(mail, "To"), "cc": addresses(mail, "Cc"), "ccName": names(mail, "Cc"),
            "messageId": mail.get("Message-ID", ""), "inReplyTo": mail.get("In-Reply-To", ""),
            "references": re.findall(r"<[^<>\s]+>", mail.get("References", "")), "shape": shape(mail),
            "leaves": [leaf(p) for p in mail.walk() if not p.is_multipart()], "defects": defects}


def thread(path):
    parent, seen = {}, []

    def below(id, of):
        while of:
            if of == id:
                return True
            of = parent.get(of)
        return False

    def parse(f):
        return email.message_from_binary_file(f, policy=email.policy.default)

    for mail in mailbox.mbox(path, parse, create=False):
        id = re.search(r"<[^<>\s]+>", mail["Message-ID"]).group()
        seen.append(id)
        chain = re.findall(r"<[^<>\s]+>", mail.get("References", "")) or re.findall(r"<[^<>\s]+>", mail.get("In-Reply-To", ""))[:1]
        for a, b in zip(chain, chain[1:]):
            if not parent.get(b) and not below(b, a):
                parent[b] = a
        parent[id] = chain[-1] if chain and not below(id, chain[-1]) else None
    out = []
    for id in seen:
        of = parent[id]
        while of and of not in seen:
            of = parent.get(of)
        out.append({"id": id, "under": of or ""})
    return out


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "send":
        send(json.load(sys.stdin))
    elif what == "read":
        json.dump([look(base64.b64decode(raw)) for raw in json.load(sys.stdin)], sys.stdout)
    elif what == "write":
        json.dump([write(m) for m in json.load(sys.stdin)], sys.stdout)
    elif what == "thread":
        json.dump(thread(sys.argv[2]), sys.stdout)
    else:
        sys.exit("send, write, read or thread")
