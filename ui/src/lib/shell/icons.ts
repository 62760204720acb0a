/** The page's own icons: strokes on a 20 px grid, small marks on a 12 px grid, and the sign. */
export const strokes = {
  chat: 'M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9l-3.5 3v-3a2 2 0 0 1-2-2z',
  notebook:
    'M5 3h9.5v14H5zM8 3v14M10.500 7H12.500M10.500 10H12.500M3.500 6H5M3.500 10H5M3.500 14H5',
  learning: 'M3 3.5V16.5H17M6 7c2 0 2.5 6 5.5 6H17',
  models:
    'M4.25 4.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M4.25 15.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M12.25 10a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M6 6.3v7.4M6 10h6.2',
  document: 'M5.5 3h6.5l3 3v11h-9.5zM12 3v3h3M8 9.5h5M8 12.5h5',
  clip: 'M14.5 8.5 9 14a2.5 2.5 0 0 1-3.5-3.5L12 4a1.8 1.8 0 0 1 2.6 2.6L8.5 12.7',
  thumbup: 'M6.5 9v6.5h7.2l1.6-5.2a1 1 0 0 0-1-1.3h-3.4V5.2c0-1-1.6-1.4-1.9-.2zM6.5 9H4v6.5h2.5',
  thumbdown:
    'M6.5 11V4.5h7.2l1.6 5.2a1 1 0 0 1-1 1.300h-3.4v3.8c0 1-1.6 1.4-1.900.2zM6.5 11H4V4.5h2.5',
  left: 'M12 5.5 7.5 10 12 14.5',
  right: 'M8 5.5 12.5 10 8 14.5',
  goon: 'M4 6h12M4 10h7M4 14h4M12 14h4.5M14.5 12l2 2-2 2',
  pin: 'M7 3.5h6l-.8 5 2.300 2.5h-9l2.300-2.5zM10 11v5.5',
  folder: 'M3 5.5h5l1.5 2H17v8.5H3z',
  tune: 'M3 6h7M14 6h3M3 14h3M10 14h7M10.1 6a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0M6.1 14a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0',
  dreams: 'M16 12.2A6.5 6.5 0 0 1 7.800 4a6.500 6.500 0 1 0 8.200 8.200z',
  compare: 'M3.5 4.5h13v11h-13zM10 4.5v11',
  settings:
    'M3 6h7M14 6h3M3 14h3M10 14h7M10.1 6a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0M6.1 14a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0',
  find: 'M4 9a5 5 0 1 0 10 0a5 5 0 1 0-10 0M13 13l4 4',
  pen: 'M4 16l.8-3.4L13.4 4l2.6 2.6-8.6 8.6zM11.6 5.8l2.6 2.6',
  send: 'M10 16V4.5M5 9.5l5-5 5 5',
  down: 'm5.5 8 4.5 4.5L14.5 8',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h9',
  close: 'm5 5 10 10M15 5 5 15',
  pause: 'M7 5v10M13 5v10',
  play: 'M7 4.5v11l8.5-5.5z',
  panel: 'M3.5 4.5h13v11h-13zM12 4.5v11',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  done: 'm4.5 10.5 3.5 3.5 7.5-8',
  again: 'M15.5 7A6 6 0 1 0 16 10.5M15.8 3.5V7h-3.5',
  back: 'M16 10H4.5M9 5.5 4.5 10 9 14.5',
  dots: 'M5 10h.01M10 10h.01M15 10h.01',
  newest: 'M10 4v11.5M5 10.5l5 5 5-5',
} as const;
export type IconName = keyof typeof strokes;

/** The sign on a 26 px grid: an i whose dot is a stroke that learned to lean. */
export const sign = { stem: 'M11 9v14', dot: 'm12.4 6 4.8-4.2' };
