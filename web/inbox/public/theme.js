// Before the first paint: the chosen theme, else the system's.
(() => {
  let wanted = 'system';
  try {
    wanted = localStorage.getItem('parley.theme') || 'system';
  } catch {
    // storage is off: the system's theme it is
  }
  const dark = wanted === 'dark' || (wanted === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
