/**
 * What a link's text says of where it leads.
 * Owns: reading a host out of an address and out of a text, and telling whether they are the same house. Never: the DOM. Imported by: mailhtml.
 */

/** The host that an address leads to: of a mailto: the domain of who gets it. "" if there is none. */
export function hostOf(address: string): string {
  try {
    const url = new URL(address);
    if (url.protocol === 'mailto:') return domainOf(decodeURIComponent(url.pathname.split(',')[0] ?? ''));
    return /^https?:$/.test(url.protocol) ? url.hostname : '';
  } catch {
    return '';
  }
}

function domainOf(mail: string): string {
  return ascii(mail.slice(mail.lastIndexOf('@') + 1));
}

/** A name as it stands in addresses: lower case, punycode. */
function ascii(host: string): string {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return '';
  }
}

const host = String.raw`(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]*\p{L}`;
/** An address with its scheme, wherever it stands in a text. */
const written = new RegExp(String.raw`https?:\/\/(?:[^\s/@]*@)?(${host})`, 'iu');
/** A bare name, or a mail address, that is all the text. */
const bare = new RegExp(String.raw`^[<(["']*(?:[^\s@]+@)?(${host})(?:[/?#:]\S*)?[>)\]"'.,;]*$`, 'iu');
/** What ends in one of these is a file. */
const files =
  /\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|csv|txt|rtf|png|jpe?g|gif|webp|svg|zip|gz|html?|php|aspx?|jsx?|tsx?|json|xml|md|mp3|mp4|mov|ics|vcf|eml|msg|exe|apk|dmg)$/i;

const looked = 300; // characters: a name has 253, and the patterns above take their time over long ones

/** The host that a text names near its beginning, "" if it names none. */
export function named(text: string): string {
  const t = text
    .trimStart()
    .slice(0, looked)
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .trim();
  const found = written.exec(t)?.[1] ?? bare.exec(t)?.[1] ?? '';
  return files.test(found) ? '' : ascii(found);
}

/** Reports whether a link's text names another house than its address leads to, or its address looks like another. */
export function differs(text: string, address: string): boolean {
  const to = hostOf(address);
  if (!to) return false;
  const says = named(text);
  if (says && !kin(says, to)) return true;
  return disguised(address);
}

/** An address with a name before its host: https://bank.example@evil.example. */
function disguised(address: string): boolean {
  const url = new URL(address);
  return /^https?:$/.test(url.protocol) && (url.username !== '' || url.password !== '');
}

/** The same name, or one below the other: "shop.example" and "www.shop.example". */
function kin(a: string, b: string): boolean {
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}
