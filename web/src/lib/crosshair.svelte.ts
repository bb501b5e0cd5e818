// One moment under the pointer, shared by every chart on the page.
class Crosshair {
  at: number | null = $state(null);
}

export const crosshair = new Crosshair();
