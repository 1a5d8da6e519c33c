/** Opens a short-lived link without giving the page away: a new tab, or a download when the server says so. */
export function openLink(url: string): void {
  const a = document.createElement('a');
  a.href = url;
  a.target = '_blank';
  a.rel = 'noopener noreferrer';
  document.body.append(a);
  a.click();
  a.remove();
}
