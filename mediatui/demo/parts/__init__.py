"""How the objects of a scenario are made: the shapes that real controllers and a real kubelet leave behind."""
