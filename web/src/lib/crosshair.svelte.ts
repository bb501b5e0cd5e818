// The time under the pointer, shared by all charts of a view.
class Crosshair {
  at: number | null = $state(null);
}

export const crosshair = new Crosshair();
