// Runs before anything is painted: the theme somebody chose, and the view the address names. What is
// painted first has both right then (src/styles/frame.css); the page's own parts keep to them.
(() => {
  const root = document.documentElement;
  const view = /^#\/?(learning|documents|notebook|compare|glass|models|dreams|settings)(\/|$)/.exec(
    location.hash,
  );
  root.dataset.view = view ? view[1] : 'chat';
  try {
    const { theme, panel } = JSON.parse(localStorage.getItem('l2c.preferences')) ?? {};
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (panel === false) root.dataset.panel = 'off';
  } catch {
    // Nothing is kept here, or it cannot be read: the page as it comes.
  }
})();
