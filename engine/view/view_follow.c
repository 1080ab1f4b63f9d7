#include "view/view_follow.h"

#include "view/view_parts.h"

void view_follow(View *view, const View *before) {
    const Playback *was = before->playback;
    Playback *now = view->playback;
    view->language = before->language;
    view->theme = before->theme;
    view->panel = before->panel;
    view->host = before->host;
    view->machine = before->machine;
    view->help = before->help;
    view->minor = before->minor;
    view->ladder_scroll = before->ladder_scroll;
    view->lease_scroll = before->lease_scroll;
    view->mail = before->mail;
    view->stage.selected_host = before->stage.selected_host;
    if (view->minor) {
        ladder_view_free(view->ladder);
        view->ladder = ladder_view_new(view->story, true);
    }
    playback_set_segments(now, view->minor);
    now->pace = was->pace;
    now->speed = was->speed;
    bool at_end = was->position >= playback_length(was) - 1e-6;
    playback_seek(now, was->position);
    now->stop_at = was->stop_at;
    now->playing = was->playing || at_end;
    view_layout(view, before->width, before->height);
}
