#include "app/window/window.h"

#include <SDL.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/window/glyphs.h"
#include "base/arena.h"
#include "view/raster.h"

enum { WINDOW_WIDTH = 1280, WINDOW_HEIGHT = 800, LEAST_WIDTH = 1024, LEAST_HEIGHT = 640, FRAME_MS = 16 };

struct Window {
    const WindowContent *content;
    SDL_Window *window;
    Glyphs *glyphs;
    Raster *raster;
    DrawList *list;
    uint64_t last; /* performance counter at the frame before */
    bool stale, left, closed, fullscreen;
};

/* On a high-DPI screen the surface has more pixels than the window has points. */
static float points_to_pixels(const Window *w) {
    int points = 1, ignored, pixels = 1;
    SDL_GetWindowSize(w->window, &points, &ignored);
    SDL_GetWindowSizeInPixels(w->window, &pixels, &ignored);
    return points > 0 ? (float)pixels / (float)points : 1;
}

static ViewKey key_of(SDL_Keycode code, bool shift) {
    switch (code) {
    case SDLK_SPACE: return KEY_SPACE;
    case SDLK_LEFT: return KEY_LEFT;
    case SDLK_RIGHT: return KEY_RIGHT;
    case SDLK_UP: return KEY_UP;
    case SDLK_DOWN: return KEY_DOWN;
    case SDLK_HOME: return KEY_HOME;
    case SDLK_END: return KEY_END;
    case SDLK_PAGEUP: return KEY_PAGE_UP;
    case SDLK_PAGEDOWN: return KEY_PAGE_DOWN;
    case SDLK_TAB: return shift ? KEY_BACK_TAB : KEY_TAB;
    case SDLK_RETURN:
    case SDLK_KP_ENTER: return KEY_ENTER;
    case SDLK_BACKSPACE: return KEY_BACKSPACE;
    case SDLK_ESCAPE: return KEY_ESCAPE;
    case SDLK_F1: return KEY_F1;
    case SDLK_F11: return KEY_F11;
    default: return KEY_NONE;
    }
}

static void take_answer(Window *w, unsigned answer) {
    if (answer & VIEW_FULLSCREEN) {
        w->fullscreen = !w->fullscreen;
        SDL_SetWindowFullscreen(w->window, w->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    }
    w->left |= (answer & VIEW_QUIT) != 0;
    w->stale |= answer != VIEW_SAME;
}

static void take_text(Window *w, const char *text) {
    for (size_t size = SDL_strlen(text), at = 0; at < size;) {
        ViewEvent event = {.kind = EVENT_TEXT};
        at += utf8_next(text + at, size - at, &event.text);
        if (event.text != ' ') take_answer(w, w->content->input(w->content->self, &event));
    }
}

static void take_event(Window *w, const SDL_Event *event) {
    float scale = points_to_pixels(w);
    ViewEvent given = {0};
    switch (event->type) {
    case SDL_QUIT: w->closed = true; return;
    case SDL_WINDOWEVENT: w->stale = true; return;
    case SDL_TEXTINPUT: take_text(w, event->text.text); return;
    case SDL_KEYDOWN:
        if (event->key.keysym.sym == SDLK_q && (event->key.keysym.mod & KMOD_CTRL)) {
            w->closed = true;
            return;
        }
        given.kind = EVENT_KEY;
        given.key = key_of(event->key.keysym.sym, (event->key.keysym.mod & KMOD_SHIFT) != 0);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        if (event->button.button != SDL_BUTTON_LEFT) return;
        given.kind = event->type == SDL_MOUSEBUTTONDOWN ? EVENT_PRESS : EVENT_RELEASE;
        given.x = (float)event->button.x * scale;
        given.y = (float)event->button.y * scale;
        break;
    case SDL_MOUSEMOTION:
        given.kind = EVENT_MOVE;
        given.x = (float)event->motion.x * scale;
        given.y = (float)event->motion.y * scale;
        break;
    case SDL_MOUSEWHEEL:
        given.kind = EVENT_WHEEL;
        given.x = (float)event->wheel.mouseX * scale;
        given.y = (float)event->wheel.mouseY * scale;
        given.wheel = event->wheel.preciseY;
        break;
    default: return;
    }
    take_answer(w, w->content->input(w->content->self, &given));
}

static void paint(Window *w) {
    SDL_Surface *surface = SDL_GetWindowSurface(w->window);
    if (!surface || surface->w <= 0 || surface->h <= 0) return;
    w->content->layout(w->content->self, (float)surface->w, (float)surface->h);
    w->content->draw(w->content->self, w->list);
    if (SDL_MUSTLOCK(surface)) SDL_LockSurface(surface);
    if (surface->format->BytesPerPixel == 4 && surface->format->Rmask == 0xFF0000 && surface->format->Bmask == 0xFF) {
        Framebuffer to = {surface->pixels, surface->w, surface->h, surface->pitch / 4};
        raster_draw(w->raster, &to, w->list, glyphs_mask, w->glyphs);
    } else {
        /* A screen of another pixel format: SDL converts. */
        SDL_Surface *own = SDL_CreateRGBSurfaceWithFormat(0, surface->w, surface->h, 32, SDL_PIXELFORMAT_XRGB8888);
        if (own) {
            Framebuffer to = {own->pixels, own->w, own->h, own->pitch / 4};
            raster_draw(w->raster, &to, w->list, glyphs_mask, w->glyphs);
            SDL_BlitSurface(own, NULL, surface, NULL);
            SDL_FreeSurface(own);
        }
    }
    if (SDL_MUSTLOCK(surface)) SDL_UnlockSurface(surface);
    SDL_UpdateWindowSurface(w->window);
    glyphs_trim(w->glyphs);
}

/* One turn of the main loop: what has come in, then a picture if it differs from the last. */
static void frame(Window *w) {
    SDL_Event event;
    /* At rest there is nothing to do before the next event; a second is only a limit. */
    if (w->content->rests(w->content->self) && !w->stale) {
        if (SDL_WaitEventTimeout(&event, 1000)) take_event(w, &event);
        w->last = SDL_GetPerformanceCounter();
    }
    while (SDL_PollEvent(&event)) take_event(w, &event);
    uint64_t now = SDL_GetPerformanceCounter();
    double wall_s = (double)(now - w->last) / (double)SDL_GetPerformanceFrequency();
    w->last = now;
    if (w->content->advance(w->content->self, fmin(wall_s, 0.25))) w->stale = true;
    if (!w->stale) return;
    w->stale = false;
    paint(w);
    double spent_ms = (double)(SDL_GetPerformanceCounter() - now) * 1000 / (double)SDL_GetPerformanceFrequency();
    if (!w->content->rests(w->content->self) && spent_ms < FRAME_MS) SDL_Delay((uint32_t)(FRAME_MS - spent_ms));
}

static void layout_view(void *self, float width, float height) { view_layout(self, width, height); }
static void draw_view(void *self, DrawList *list) { view_draw(self, list); }
static bool advance_view(void *self, double wall_s) { return view_advance(self, wall_s); }
static bool view_is_at_rest(void *self) { return view_rests(self); }
static unsigned input_view(void *self, const ViewEvent *event) { return view_input(self, event); }

WindowContent window_content_of_view(View *view) {
    return (WindowContent){view, layout_view, draw_view, advance_view, view_is_at_rest, input_view, NULL};
}

static void layout_chooser(void *self, float width, float height) { chooser_layout(self, width, height); }
static void draw_chooser(void *self, DrawList *list) { chooser_draw(self, list); }
static bool advance_chooser(void *self, double wall_s) {
    (void)self, (void)wall_s;
    return false;
}
static bool chooser_is_at_rest(void *self) {
    (void)self;
    return true;
}
static unsigned input_chooser(void *self, const ViewEvent *event) { return chooser_input(self, event); }

WindowContent window_content_of_chooser(Chooser *chooser) {
    return (WindowContent){chooser, layout_chooser, draw_chooser, advance_chooser, chooser_is_at_rest, input_chooser, NULL};
}

bool window_open(const WindowConfig *config, Window **into, Text *error) {
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        text_print(error, "no window: %s", SDL_GetError());
        return false;
    }
    /* Without a screen SDL falls back to drivers that show nothing; nobody could ever close that window. */
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver && (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0) && !getenv("SDL_VIDEODRIVER")) {
        text_put(error, "no window: there is no display (netstage shot draws without one)");
        SDL_Quit();
        return false;
    }
    Window *w = memory_new(sizeof *w);
    w->fullscreen = config->fullscreen;
    uint32_t flags =
        SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI | (config->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    w->window = SDL_CreateWindow(config->title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, WINDOW_WIDTH,
                                 WINDOW_HEIGHT, flags);
    if (!w->window) text_print(error, "no window: %s", SDL_GetError());
    if (!w->window || !glyphs_new(config->fonts, &w->glyphs, error)) {
        window_close(w);
        return false;
    }
    SDL_SetWindowMinimumSize(w->window, LEAST_WIDTH, LEAST_HEIGHT);
    SDL_StartTextInput();
    w->raster = raster_new();
    w->list = draw_list_new();
    *into = w;
    return true;
}

void window_close(Window *w) {
    if (!w) return;
    draw_list_free(w->list);
    raster_free(w->raster);
    glyphs_free(w->glyphs);
    if (w->window) SDL_DestroyWindow(w->window);
    free(w);
    SDL_Quit();
}

bool window_show(Window *w, const WindowContent *content) {
    w->content = content;
    w->stale = true;
    w->left = false;
    w->last = SDL_GetPerformanceCounter();
    while (!w->left && !w->closed && !(content->over && content->over(content->self))) frame(w);
    return !w->closed;
}
