"""GLSL of the rasteriser: one program for pictures, one for masks.

The picture program lights a surface by sky, hazy sun and street lamps, reflects sky, fronts and road in paint and
glass, fades it into haze and drops what the still background hides. The mask program draws flat values, optionally
flattened on the ground along a direction (shadows).
"""

COMMON = """
#version 330
uniform mat4 model; uniform mat4 view; uniform float focal; uniform vec2 size;
uniform float mirror_z; uniform float flatten_z; uniform vec3 along;
vec4 screen(vec3 seen) {
  float near = 0.3, far = 300.0;
  float z = (far + near) / (far - near) * seen.z - 2.0 * far * near / (far - near);
  return vec4(2.0 * focal * seen.x / size.x, -2.0 * focal * seen.y / size.y, z, seen.z);
}
vec3 placed(vec3 p) {
  vec3 world = (model * vec4(p, 1.0)).xyz;
  if (mirror_z > -50.0) world.z = 2.0 * mirror_z - world.z;
  if (flatten_z > -50.0) { world -= along * (max(world.z - flatten_z, 0.0) / along.z); world.z = flatten_z + 0.01; }
  return world;
}
"""

PICTURE_VERTEX = (
    COMMON
    + """
in vec3 at; in vec3 normal; in vec3 colour; in vec4 finish;
out vec3 place; out vec3 facing; out vec3 tint; out vec4 kind; out float depth; out float height; out vec3 own;
void main() { own = at;
  place = placed(at); height = (model * vec4(at, 1.0)).z - model[3].z;
  facing = mat3(model) * normal; if (mirror_z > -50.0) facing.z = -facing.z;
  tint = colour; kind = finish;
  vec3 seen = (view * vec4(place, 1.0)).xyz; depth = seen.z; gl_Position = screen(seen);
}
"""
)

PICTURE_FRAGMENT = """
#version 330
uniform sampler2D behind; uniform int hide; uniform vec2 size; uniform vec3 eye;
uniform vec3 sun; uniform vec3 sun_from; uniform vec3 sky; uniform vec3 walls;
uniform vec3 lamp_tint; uniform vec3 lamps[12]; uniform int lamp_count; uniform float lamp_power;
uniform vec3 haze; uniform float haze_m;
uniform float lit; uniform float scale;
in vec3 place; in vec3 facing; in vec3 tint; in vec4 kind; in float depth; in float height; in vec3 own;
out vec4 picture;
float hash(vec3 p) { p = fract(p * 0.3183099 + 0.1); p *= 17.0; return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x) {
  vec3 i = floor(x), f = fract(x); f = f * f * (3.0 - 2.0 * f);
  vec2 o = vec2(0.0, 1.0);
  vec4 low = vec4(hash(i), hash(i + o.yxx), hash(i + o.xyx), hash(i + o.yyx));
  vec4 high = vec4(hash(i + o.xxy), hash(i + o.yxy), hash(i + o.xyy), hash(i + o.yyy));
  vec4 level = mix(low, high, f.z);
  return mix(mix(level.x, level.y, f.x), mix(level.z, level.w, f.x), f.y);
}
void main() {
  vec2 spot = gl_FragCoord.xy / (size * scale);
  if (hide == 1 && depth > texture(behind, spot).r + 0.30) discard;
  vec3 v = normalize(eye - place); vec3 n = normalize(facing); if (dot(n, v) < 0.0) n = -n;
  float rough = kind.x, metal = kind.y, spec = kind.z, glow = kind.w;
  float coarse = noise(own * 7.0), fine = noise(own * 23.0);
  vec3 folds = vec3(noise(own * 9.0 + 3.1), noise(own * 9.0 + 7.7), noise(own * 11.0 + 1.3)) - 0.5;
  if (rough > 0.9) n = normalize(n + 0.75 * folds);
  vec3 tone = tint * (rough > 0.9 ? 0.65 + 0.5 * coarse + 0.2 * fine : 0.86 + 0.16 * coarse + 0.08 * fine);
  float up = n.z * 0.5 + 0.5;
  vec3 ground = (sky * 0.55 + sun * 0.16 * lit) * 0.17 + lamp_tint * lamp_power * 0.00005;
  vec3 around = mix(ground, sky * 0.62 + walls * 0.45, up);
  float open = mix(0.25, 1.0, smoothstep(-0.05, 0.95, height)) * (0.72 + 0.28 * up);
  vec3 light = around * open + sun * lit * max(dot(n, sun_from), 0.0) / 3.14159;
  for (int i = 0; i < lamp_count; i++) {
    vec3 to = lamps[i] - place; float d2 = dot(to, to);
    light += lamp_tint * lamp_power / (39.48 * d2) * (max(dot(n, to) * inversesqrt(d2), 0.0) * 0.8 + 0.06);
  }
  vec3 r = reflect(-v, n);
  vec3 above = mix(walls, sky, smoothstep(0.12, 0.55, r.z)), below = mix(ground, walls, smoothstep(-0.25, 0.0, r.z));
  vec3 mirror = r.z > 0.0 ? above : below;
  mirror = mix(mirror, around, rough);
  vec3 f0 = mix(vec3(0.08 * spec), tone, metal);
  float fresnel = pow(1.0 - max(dot(n, v), 0.0), 5.0) * (1.0 - rough);
  vec3 shine = mirror * (f0 + (1.0 - f0) * fresnel) * mix(0.55, 1.0, open);
  vec3 h = normalize(v + sun_from); float sharp = mix(220.0, 6.0, sqrt(rough));
  shine += sun * lit * f0 * pow(max(dot(n, h), 0.0), sharp) * (sharp + 8.0) / 26.0;
  for (int i = 0; i < lamp_count; i++) {
    vec3 to = lamps[i] - place; vec3 hl = normalize(v + normalize(to));
    float spark = pow(max(dot(n, hl), 0.0), sharp) * (sharp + 8.0) / 12.0;
    shine += lamp_tint * lamp_power / (39.48 * dot(to, to)) * f0 * spark;
  }
  vec3 colour = tone * (1.0 - metal) * light + shine + tint * glow;
  picture = vec4(mix(haze, colour, exp(-depth / haze_m)), 1.0);
}
"""

MASK_VERTEX = (
    COMMON
    + """
in vec3 at; out float depth; out float rise;
void main() {
  rise = (model * vec4(at, 1.0)).z - flatten_z;
  vec3 seen = (view * vec4(placed(at), 1.0)).xyz; depth = seen.z; gl_Position = screen(seen);
}
"""
)

MASK_FRAGMENT = """
#version 330
uniform sampler2D behind; uniform int hide; uniform vec2 size;
uniform float scale; uniform float value; uniform float ceiling;
in float depth; in float rise; out vec4 picture;
void main() {
  if (rise > ceiling) discard;
  if (hide == 1 && depth > texture(behind, gl_FragCoord.xy / (size * scale)).r + 0.30) discard;
  picture = vec4(value, 0.0, 0.0, 1.0);
}
"""
