// The application of one page: its buttons change the address, nothing is loaded.
const at = document.getElementById('at');
const show = () => {
  if (at) at.textContent = location.pathname;
};
for (const b of document.querySelectorAll('[data-go]')) {
  b.addEventListener('click', () => {
    history.pushState({}, '', b.dataset.go);
    show();
  });
}
addEventListener('popstate', show);
show();
