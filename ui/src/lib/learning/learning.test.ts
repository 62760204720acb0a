import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aLearning, aLesson, Wire } from '../wire.testing';
import { LearningMonitor } from './learning.svelte';
import { LessonList } from './lessons.svelte';

const route = 'GET /app/v1/learning';
const now = {
  lesson: 2,
  kind: 'exchanges',
  sources: 1,
  step: 3,
  steps: 120,
  loss: 1.5,
  seconds_left: 4,
  doing: 'training',
} as const;

let visibility: DocumentVisibilityState = 'visible';

beforeEach(() => {
  vi.useFakeTimers();
  visibility = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility);
});
afterEach(() => vi.useRealTimers());

function setUp(learning = aLearning()) {
  const wire = new Wire({ [route]: () => learning });
  const monitor = new LearningMonitor(wire.api);
  return { wire, monitor, become: (next: typeof learning) => (learning = next) };
}

test('it asks every 5 s when idle and every 2 s while a lesson runs or turns wait', async () => {
  const { wire, monitor, become } = setUp();
  monitor.start();
  await vi.advanceTimersByTimeAsync(4999);
  expect(wire.count(route)).toBe(1);
  become(aLearning({ now }));
  await vi.advanceTimersByTimeAsync(1);
  expect(wire.count(route)).toBe(2);
  become(aLearning({ queue_size: 1 }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(wire.count(route)).toBe(3);
  await vi.advanceTimersByTimeAsync(2000);
  expect(wire.count(route)).toBe(4);
});

test('a hidden tab asks nothing, and asks at once when it is seen again', async () => {
  const { wire, monitor } = setUp();
  monitor.start();
  await vi.advanceTimersByTimeAsync(0);
  visibility = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wire.count(route)).toBe(1);
  visibility = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  expect(wire.count(route)).toBe(2);
});

test('a server that is away does not end the asking, and the last figures stay', async () => {
  const { wire, monitor } = setUp(aLearning({ iterations: 7 }));
  monitor.start();
  await vi.advanceTimersByTimeAsync(0);
  wire.cut = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(monitor.current?.iterations).toBe(7);
  wire.cut = false;
  const asked = wire.count(route);
  await vi.advanceTimersByTimeAsync(5000);
  expect(wire.count(route)).toBe(asked + 1);
});

test('each verdict is told once, oldest first; those from before are not told', async () => {
  const old = aLesson({ number: 1 });
  const { monitor, become } = setUp(aLearning({ lessons: [old] }));
  const told: number[] = [];
  monitor.onVerdict(({ number }) => told.push(number));
  await monitor.refresh();
  become(aLearning({ lessons: [aLesson({ number: 2, state: 'training' }), old] }));
  await monitor.refresh();
  become(
    aLearning({ lessons: [aLesson({ number: 3, state: 'refused' }), aLesson({ number: 2 }), old] }),
  );
  await monitor.refresh();
  await monitor.refresh();
  expect(told).toEqual([2, 3]);
});

test('a mark may have changed when the queue, the checkpoint or a verdict did', async () => {
  const { monitor, become } = setUp();
  let changes = 0;
  monitor.onChange(() => changes++);
  await monitor.refresh();
  await monitor.refresh();
  expect(changes).toBe(0);
  become(aLearning({ queue_size: 1 }));
  await monitor.refresh();
  become(aLearning({ checkpoint: 'k1', lessons: [aLesson()] }));
  await monitor.refresh();
  expect(changes).toBe(2);
});

test('pausing and the share are told to the server and shown as it answers', async () => {
  const sent: unknown[] = [];
  const { wire, monitor } = setUp();
  wire.routes['PATCH /app/v1/learning'] = ({ body }: { body: object }) => {
    sent.push(body);
    return aLearning(body);
  };
  await monitor.setPaused(true);
  expect(monitor.current?.paused).toBe(true);
  await monitor.setShare(0.25);
  expect(monitor.current?.cpu_share).toBe(0.25);
  expect(sent).toEqual([{ paused: true }, { cpu_share: 0.25 }]);
});

test('the list of lessons holds every lesson once, newest first, as it is now', async () => {
  const wire = new Wire({
    'GET /app/v1/learning/lessons': ({ url }: { url: URL }) =>
      url.searchParams.get('before') === '2'
        ? { lessons: [aLesson({ number: 1 })], next: null }
        : { lessons: [aLesson({ number: 3, state: 'training' }), aLesson({ number: 2 })], next: 2 },
  });
  const list = new LessonList(wire.api);
  await list.load();
  list.take([aLesson({ number: 4 }), aLesson({ number: 3, state: 'kept' })]);
  await list.load();
  expect(list.items.map(({ number, state }) => `${number} ${state}`)).toEqual([
    '4 kept',
    '3 kept',
    '2 kept',
    '1 kept',
  ]);
  expect(list.more).toBe(false);
});
