"""The materials of the street, procedural, by name.

Comes in: the weather ("day", "dusk", "night", "rain"). Goes out: {name: Blender material}. Every material takes its
base colour from the face attribute `col`, has dirt or grain of its own and fades into haze with distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy  # type: ignore[import-not-found]

HAZE = {
    "day": (0.62, 0.68, 0.74),
    "dusk": (0.42, 0.36, 0.40),
    "night": (0.012, 0.012, 0.016),
    "rain": (0.40, 0.43, 0.46),
}
HAZE_M = {"day": 420.0, "dusk": 380.0, "night": 500.0, "rain": 170.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """How one material differs from plain paint: `grain` scales per metre, `dirt` 0..1, `light` W in emission."""

    roughness: float = 0.6
    metallic: float = 0.0
    specular: float = 0.4
    coat: float = 0.0
    grain: tuple[float, float, float] = (3.0, 3.0, 3.0)
    dirt: float = 0.0
    wet: bool = False
    bump: float = 0.0
    light: float = 0.0


SURFACES = {
    "asphalt": Surface(roughness=0.85, grain=(1.0, 0.35, 1.0), dirt=0.45, wet=True, bump=0.25),
    "tile": Surface(roughness=0.8, grain=(0.7, 0.7, 0.7), dirt=0.5, wet=True),
    "kerb": Surface(roughness=0.85, grain=(2, 2, 2), dirt=0.5),
    "marking": Surface(roughness=0.7, grain=(6, 3, 3), dirt=0.5, wet=True),
    "plaster": Surface(roughness=0.9, grain=(1.6, 1.6, 0.45), dirt=0.55),
    "stone": Surface(roughness=0.9, grain=(5, 5, 5), dirt=0.6, bump=0.5),
    "paint": Surface(roughness=0.28, specular=0.6),
    "dull": Surface(roughness=0.55, grain=(3, 3, 3), dirt=0.35),
    "plastic": Surface(roughness=0.42),
    "metal": Surface(roughness=0.35, metallic=0.9),
    "rubber": Surface(roughness=0.8, specular=0.2),
    "glass": Surface(roughness=0.06, specular=0.7),
    "window": Surface(roughness=0.1, specular=0.6, grain=(0.9, 0.9, 0.9), dirt=0.5),
    "cloth": Surface(roughness=0.95, specular=0.1, grain=(8, 8, 8), dirt=0.15),
    "skin": Surface(roughness=0.6, specular=0.3),
    "leaf": Surface(roughness=0.6, specular=0.25),
    "wood": Surface(roughness=0.7, grain=(3, 3, 14), dirt=0.5),
    "sign": Surface(roughness=0.5),
}
LIGHTS = {
    "head": {"day": 0.6, "dusk": 9.0, "night": 55.0, "rain": 6.0},
    "tail": {"day": 0.25, "dusk": 2.5, "night": 9.0, "rain": 3.0},
    "shop": {"day": 0.5, "dusk": 1.6, "night": 3.2, "rain": 1.3},
    "lamp": {"day": 0.0, "dusk": 6.0, "night": 60.0, "rain": 0.0},
    "neon": {"day": 0.35, "dusk": 1.6, "night": 4.0, "rain": 1.0},
}


def palette(weather: str) -> dict[str, Any]:
    """All materials for one weather."""
    made = {name: _material(name, surface, weather) for name, surface in SURFACES.items()}
    for name, strength in LIGHTS.items():
        made[name] = _material(name, Surface(roughness=0.2, light=strength[weather]), weather)
    return made


class _Nodes:
    """A few short words over Blender's shader node tree."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def new(self, kind: str, **settings: Any) -> Any:
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in settings.items():
            setattr(node, key, value)
        return node

    def link(self, source: Any, target: Any) -> None:
        self.tree.links.new(source, target)

    def feed(self, node: Any, **values: Any) -> None:
        """Set inputs by name (underscores for blanks); a socket is linked, anything else is a default."""
        for key, value in values.items():
            socket = node.inputs[key.replace("_", " ")]
            if isinstance(value, bpy.types.NodeSocket):
                self.link(value, socket)
            else:
                socket.default_value = value

    def math(self, operation: str, a: Any, b: Any = 0.0, clamp: bool = False) -> Any:
        node = self.new("Math", operation=operation, use_clamp=clamp)
        for socket, value in zip(node.inputs, (a, b), strict=False):
            if isinstance(value, bpy.types.NodeSocket):
                self.link(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]


def _noise(nodes: _Nodes, scale: tuple[float, float, float], detail: float) -> Any:
    place = nodes.new("NewGeometry").outputs["Position"]
    mapping = nodes.new("Mapping")
    nodes.feed(mapping, Vector=place, Scale=scale)
    noise = nodes.new("TexNoise")
    nodes.feed(noise, Vector=mapping.outputs[0], Scale=1.0, Detail=detail, Roughness=0.65)
    return noise.outputs[0]


def _base_colour(nodes: _Nodes, surface: Surface, darken: float) -> Any:
    colour = nodes.new("Attribute", attribute_name="col").outputs["Color"]
    if surface.dirt <= 0:
        return colour
    noise = _noise(nodes, surface.grain, 4.0)
    shade = nodes.math("MULTIPLY_ADD", noise, surface.dirt * 2.2)
    shade.node.inputs[2].default_value = (1.0 - surface.dirt * 1.1) * darken
    mix = nodes.new("VectorMath", operation="SCALE")
    nodes.link(colour, mix.inputs[0])
    nodes.link(nodes.math("MAXIMUM", shade, 0.15), mix.inputs["Scale"])
    return mix.outputs[0]


def _wet_roughness(nodes: _Nodes) -> Any:
    """Puddles where a broad noise is low, damp film elsewhere."""
    noise = _noise(nodes, (0.35, 0.22, 0.35), 3.0)
    ramp = nodes.math("MULTIPLY_ADD", noise, 1.5)
    ramp.node.inputs[2].default_value = -0.52
    return nodes.math("MAXIMUM", nodes.math("MINIMUM", ramp, 0.42), 0.05)


def _hazed(nodes: _Nodes, shader: Any, weather: str) -> Any:
    """Mix towards the haze colour with distance, for rays from the camera only."""
    distance = nodes.new("CameraData").outputs["View Distance"]
    fade = nodes.math("SUBTRACT", 1.0, nodes.math("POWER", 2.718, nodes.math("DIVIDE", distance, -HAZE_M[weather])))
    seen = nodes.math("MULTIPLY", fade, nodes.new("LightPath").outputs["Is Camera Ray"])
    haze = nodes.new("Emission")
    nodes.feed(haze, Color=(*HAZE[weather], 1.0), Strength=1.0)
    mix = nodes.new("MixShader")
    nodes.link(seen, mix.inputs[0])
    nodes.link(shader, mix.inputs[1])
    nodes.link(haze.outputs[0], mix.inputs[2])
    return mix.outputs[0]


def _material(name: str, surface: Surface, weather: str) -> Any:
    nodes = _Nodes(name)
    soaked = surface.wet and weather == "rain"
    shader = nodes.new("BsdfPrincipled")
    colour = _base_colour(nodes, surface, 0.62 if soaked else 1.0)
    nodes.feed(
        shader,
        Base_Color=colour,
        Metallic=surface.metallic,
        Specular_IOR_Level=surface.specular,
        Coat_Weight=surface.coat,
    )
    nodes.feed(shader, Roughness=_wet_roughness(nodes) if soaked else surface.roughness)
    if soaked:
        nodes.feed(shader, Specular_IOR_Level=0.8)
    if surface.light > 0:
        nodes.feed(shader, Emission_Color=colour, Emission_Strength=surface.light)
    if surface.bump > 0 and not soaked:
        bump = nodes.new("Bump")
        nodes.feed(bump, Height=_noise(nodes, (14, 14, 14), 4.0), Strength=surface.bump, Distance=0.02)
        nodes.feed(shader, Normal=bump.outputs[0])
    output = nodes.new("OutputMaterial")
    nodes.link(_hazed(nodes, shader.outputs[0], weather), output.inputs[0])
    return nodes.material
