/**
 * What runs first: next to nothing, so that the frame in the document is painted at once. The page
 * is fetched meanwhile, and takes the frame's place when it is there.
 */
import './styles/base.css';
import './styles/frame.css';

/** A frame has been painted; in a tab nobody sees, none will be. */
const painted = new Promise<void>((resolve) => {
  if (document.visibilityState === 'hidden') resolve();
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, 200);
});

const place = document.getElementById('page');
if (!place) throw new Error('index.html must have an element #page; found none.');

try {
  const [app] = await Promise.all([import('./app'), painted]);
  app.take(place);
} catch (error) {
  place.querySelector('.failed')?.removeAttribute('hidden');
  throw error;
}
